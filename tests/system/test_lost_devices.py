"""A device that cannot be read: Unknown, then OutOfService, and back by itself. Its neighbours notice nothing."""

import pytest

from tests.system.agentfile import GRACE_S
from tests.system.bounds import BACK_WITHIN_S, DEAD_TRANSACTION_S, MACHINE_S, STALE_WITHIN_S, TRANSACTION_S, UNPLUG_S
from tests.system.field import Entry, Field
from tests.system.processes import until
from tests.system.suite import ANY_HUB

pytestmark = [pytest.mark.system, pytest.mark.timeout(90), ANY_HUB]
# After a device is back: a first answer, what the board is (learnt anew), the plug's debounce, the message.
TO_THE_HUB_S = UNPLUG_S + 4 * TRANSACTION_S


def status_after(field: Field, evse: str, status: str, after_s: float) -> Entry:
    """The first such status at the hub since a moment; waits for it."""
    return until(
        lambda: next((one for one in field.statuses(evse) if one["t"] > after_s and one["status"] == status), None),
        f"{status} of EVSE {evse} at the hub",
    )


def assert_goes_out_of_service(field: Field, evse: str, lost_s: float) -> None:
    """Unknown, then OutOfService, each in its time."""
    unknown_s = status_after(field, evse, "Unknown", lost_s)["t"]
    assert unknown_s - lost_s < STALE_WITHIN_S + MACHINE_S
    out_s = status_after(field, evse, "OutOfService", unknown_s)["t"]
    assert GRACE_S - MACHINE_S < out_s - unknown_s < GRACE_S + 1 + MACHINE_S, "loops turn once a second"


def assert_comes_back(field: Field, evse: str, back_s: float) -> None:
    available_s = status_after(field, evse, "Available", back_s)["t"]
    assert available_s - back_s < BACK_WITHIN_S + TO_THE_HUB_S + MACHINE_S


@pytest.mark.parametrize("fault", ["silent", "bad-crc"])
def test_a_lost_controller_is_told_and_its_neighbour_goes_on(field: Field, fault: str) -> None:
    field.begin()
    field.tell("line_fault", line="rs485", unit=1, fault=fault)
    lost_s = field.happened("line_fault", unit=1, on=True)
    assert_goes_out_of_service(field, "1", lost_s)
    field.tell("plug", evse="2", car="city")
    plugged_s = field.happened("plugged", evse="2")
    occupied_s = status_after(field, "2", "Occupied", plugged_s)["t"]
    assert occupied_s - plugged_s < UNPLUG_S + DEAD_TRANSACTION_S + MACHINE_S
    field.tell("line_fault", line="rs485", unit=1, fault=fault, on=False)
    assert_comes_back(field, "1", field.happened("line_fault", unit=1, on=False))
    assert [one["status"] for one in field.statuses("2")] == ["Available", "Occupied"]


def test_an_adapter_that_is_pulled_and_put_back_under_its_name(field: Field) -> None:
    field.begin()
    field.tell("unplug_line", line="rs485")
    lost_s = field.happened("line_unplugged")
    for evse in ("1", "2"):
        assert_goes_out_of_service(field, evse, lost_s)
    alarms = (field.status() or {})["alarms"]
    assert alarms == [f"line rs485: {field.folder}/rs485 is not there; is the adapter plugged in?"]
    field.tell("replug_line", line="rs485")
    for evse in ("1", "2"):
        assert_comes_back(field, evse, field.happened("line_replugged"))


def test_a_line_that_is_absent_at_the_start_comes_up_when_it_is_there(field: Field) -> None:
    field.start_station()
    field.start_hubs()
    field.tell("unplug_line", line="rs485")
    field.start_agent()
    until(lambda: field.last_status("1") == "Unknown", "the first status")
    until(lambda: field.last_status("1") == "OutOfService", "the grace to be over")
    field.tell("replug_line", line="rs485")
    assert_comes_back(field, "1", field.happened("line_replugged"))


def test_a_controller_lost_in_mid_charge_is_held_and_then_forbidden(field: Field) -> None:
    field.begin()
    field.charge()
    field.tell("line_fault", line="rs485", unit=1, fault="silent")
    lost_s = field.happened("line_fault", unit=1, on=True)
    until(lambda: field.state("1") == "holding", "the session to be held")
    assert field.truth()["evses"]["1"]["contactor_closed"]
    assert_goes_out_of_service(field, "1", lost_s)
    field.tell("line_fault", line="rs485", unit=1, fault="silent", on=False)
    back_s = field.happened("line_fault", unit=1, on=False)
    zero_s = field.set_point("1", 0, after_s=back_s)["t"]
    assert zero_s - back_s < BACK_WITHIN_S + MACHINE_S
    until(lambda: field.hub.heard(what="cdr", taken=True), "the record up to the last good reading")
