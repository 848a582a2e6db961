"""Charging ends at the device, not in a log: 0 A is seen on the wire within the bounds, whatever else is broken."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.system.bounds import CARD_QUIET_S, CARD_S, DEAD_TRANSACTION_S, FAULT_S, MACHINE_S, UNPLUG_S
from tests.system.field import Field
from tests.system.processes import until
from tests.system.suite import ANY_HUB

pytestmark = [pytest.mark.system, pytest.mark.timeout(90), ANY_HUB]
SLOW = (str(Path(__file__).with_name("slow_disk_agent.py")),)


def trip(field: Field) -> float:
    field.tell("trip", contact="rcd-1")
    return field.happened("contact", contact="rcd-1", did="trip")


def unplug(field: Field) -> float:
    field.tell("unplug", evse="1")
    return field.happened("unplugged", evse="1")


def stop_by_card(field: Field) -> float:
    # A card that was only lifted for a moment is no second tap.
    over_s = field.happened("card_taken") + CARD_QUIET_S
    until(lambda: field.truth()["t"] > over_s, "the reader to have forgotten the card")
    field.card()
    return field.happened("card_held")


FAULT = pytest.param(trip, FAULT_S, "faulted", id="fault")
UNPLUGGED = pytest.param(unplug, UNPLUG_S, "available", id="unplugged")
CARD = pytest.param(stop_by_card, CARD_S, "finishing", id="card")


@pytest.mark.parametrize(("cause", "bound_s", "state"), [FAULT, UNPLUGGED, CARD])
def test_what_ends_a_session_ends_the_current(
    field: Field, cause: Callable[[Field], float], bound_s: float, state: str
) -> None:
    field.begin()
    field.charge()
    began_s = cause(field)
    zero_s = field.set_point("1", 0, after_s=began_s)["t"]
    assert zero_s - began_s < bound_s + MACHINE_S
    until(lambda: field.state("1") == state, f"EVSE 1 to be {state}")
    until(lambda: field.hub.heard(what="cdr", taken=True), "the record at the hub")


@pytest.mark.parametrize(("cause", "bound_s", "state"), [FAULT, UNPLUGGED])
def test_a_dead_neighbour_costs_one_transaction_of_its_own(
    field: Field, cause: Callable[[Field], float], bound_s: float, state: str
) -> None:
    field.begin()
    field.charge()
    for unit in (2, 12):
        field.tell("line_fault", line="rs485", unit=unit, fault="silent")
    until(lambda: field.state("2") == "unreadable", "EVSE 2 to be unreadable")
    began_s = cause(field)
    zero_s = field.set_point("1", 0, after_s=began_s)["t"]
    # Silent units may take a fifth of the line: one of their time-outs in the whole of such a short while.
    assert zero_s - began_s < bound_s + DEAD_TRANSACTION_S + MACHINE_S
    until(lambda: field.state("1") == state, f"EVSE 1 to be {state}")


@pytest.mark.parametrize(("cause", "bound_s", "state"), [FAULT, CARD])
def test_a_disk_that_stands_still_keeps_nothing_charging(
    field: Field, cause: Callable[[Field], float], bound_s: float, state: str
) -> None:
    gate = field.folder / "slow"
    field.begin(program=SLOW, SLOW_DISK=str(gate))
    field.charge()
    gate.touch()
    began_s = cause(field)
    zero_s = field.set_point("1", 0, after_s=began_s)["t"]
    assert zero_s - began_s < bound_s + MACHINE_S
    assert field.rows("select permitted_ma from evse where evse_id = 'DE*ABC*E1*1'") == [(16_000,)], "still on the disk"
    gate.unlink()
    until(lambda: field.hub.heard(what="cdr", taken=True), "the record at the hub")
