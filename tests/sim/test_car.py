"""A car alone: when it closes its switch, how fast it ramps, how much it takes."""

import pytest

from roampost_sim.devices.evse_din import Vehicle
from roampost_sim.world.car import Car, CarPlan


def ready_car(**plan: float) -> Car:
    car = Car(CarPlan.model_validate({"reacts_s": 0, **plan}))
    car.respond(0.0, 16_000)
    return car


def seen(car: Car, now_s: float, announced_ma: int) -> Vehicle:
    """What the pilot says after the car has seen this current."""
    car.respond(now_s, announced_ma)
    return car.vehicle


def test_a_car_gets_ready_after_its_reaction_time_and_only_for_six_amperes() -> None:
    car = Car(CarPlan(reacts_s=2.0))
    assert seen(car, 0.0, 5_999) is Vehicle.CONNECTED
    assert seen(car, 10.0, 6_000) is Vehicle.CONNECTED
    assert seen(car, 11.9, 6_000) is Vehicle.CONNECTED
    assert seen(car, 12.0, 6_000) is Vehicle.READY
    assert seen(car, 13.0, 0) is Vehicle.READY
    assert seen(car, 15.0, 0) is Vehicle.CONNECTED


def test_a_pilot_that_comes_back_in_time_changes_nothing() -> None:
    car = ready_car(reacts_s=0)
    slow = Car(CarPlan(reacts_s=2.0))
    slow.respond(0.0, 6_000)
    slow.respond(1.0, 0)
    slow.respond(2.5, 6_000)
    assert (car.vehicle, slow.vehicle) == (Vehicle.READY, Vehicle.CONNECTED)


def test_the_car_takes_what_it_wants_or_what_is_on_offer() -> None:
    car = ready_car(power_w=7_000)
    assert car.draw(3600, 11_000) == pytest.approx(7_000)
    assert car.draw(1800, 1_380) == pytest.approx(690)
    assert (car.draw(60, 0), car.power_w) == (0, 0)


@pytest.mark.parametrize("steps", [1, 7, 1000])
def test_a_ramp_is_the_same_energy_in_any_number_of_steps(steps: int) -> None:
    car = ready_car(power_w=6_000, ramp_w_per_s=1_000)
    taken_wh = sum(car.draw(12 / steps, 11_000) for _ in range(steps))
    assert taken_wh == pytest.approx((6 * 3_000 + 6 * 6_000) / 3600)
    assert car.power_w == pytest.approx(6_000)
    taken_wh = sum(car.draw(4 / steps, 4_000) for _ in range(steps))
    assert taken_wh == pytest.approx((2 * 5_000 + 2 * 4_000) / 3600)


def test_a_full_car_has_taken_exactly_what_it_wanted() -> None:
    car = ready_car(power_w=6_000, wants_wh=1_000)
    assert car.draw(3600, 11_000) == 1_000
    assert (car.full, car.power_w, car.draw(3600, 11_000)) == (True, 0.0, 0.0)
    car.respond(1.0, 16_000)
    assert car.vehicle is Vehicle.CONNECTED


def test_a_paused_car_opens_its_switch_and_goes_on_when_resumed() -> None:
    car = ready_car(ventilation=True)
    car.paused = True
    assert car.draw(60, 11_000) == 0
    assert seen(car, 1.0, 16_000) is Vehicle.CONNECTED
    car.paused = False
    assert seen(car, 2.0, 16_000) is Vehicle.READY_WITH_VENTILATION


def test_a_shorted_pilot_is_a_failure() -> None:
    car = ready_car()
    car.pilot_shorted = True
    assert car.vehicle is Vehicle.FAILURE
