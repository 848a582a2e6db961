"""A clock that is set in the midst of a session changes neither the order nor the length of what is told."""

import json

import pytest

from roampost.domain.messages import ChargeRecord, EndMessage, ProgressMessage
from roampost.domain.stamp import Stamp
from roampost.hubs.oicp.encode import request_for
from tests.agent.oicp import samples


def after(mono_s: float, *, set_by_s: float = 0, boot: str = "b") -> Stamp:
    moment = samples.stamp(mono_s)
    return moment.model_copy(update={"wall_ms": moment.wall_ms + round(set_by_s * 1000), "boot": boot})


def told(message: ChargeRecord | EndMessage | ProgressMessage) -> dict[str, object]:
    found = json.loads(request_for(message, samples.OPERATOR, samples.BERLIN)[1])
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("set_by_s", [-3, 3, -7200])
def test_a_record_has_the_length_that_the_session_had(set_by_s: float) -> None:
    changes = {"session_end": after(5, set_by_s=set_by_s), "charging_end": after(4), "charging_start": after(1)}
    record = told(samples.CDR.model_copy(update={"session_start": after(0), **changes}))
    end = after(5, set_by_s=set_by_s)
    whole = {
        "SessionStart": end.later(-5),
        "ChargingStart": end.later(-4),
        "ChargingEnd": end.later(-1),
        "SessionEnd": end,
    }
    assert {name: record[name] for name in whole} == {
        name: samples.BERLIN(moment).isoformat() for name, moment in whole.items()
    }


def test_an_end_is_not_before_its_beginning() -> None:
    changes = {"session_end": None, "charging_start": after(0), "charging_end": after(1, set_by_s=-3)}
    end = told(samples.END.model_copy(update={"session_start": after(0), **changes}))
    assert str(end["ChargingStart"]) < str(end["ChargingEnd"])


def test_a_progress_lasts_as_long_as_it_does() -> None:
    changes = {"charging_start": after(0), "occurred": after(300, set_by_s=-3600)}
    assert told(samples.PROGRESS.model_copy(update=changes))["ChargingDuration"] == 300_000


def test_a_boot_whose_clock_nobody_ever_set_keeps_its_place_and_its_length() -> None:
    lost = {"boot": "c", "trusted": False}
    began = after(100, set_by_s=-7200).model_copy(update=lost)
    ended = after(400, set_by_s=-7200).model_copy(update=lost)
    changes = {"session_start": after(0), "charging_start": began, "charging_end": ended}
    last = after(9_000, boot="d")
    record = told(samples.CDR.model_copy(update={"session_end": last, **changes}))
    assert record["SessionStart"] == record["ChargingStart"] == samples.BERLIN(after(0)).isoformat()
    assert record["ChargingEnd"] == samples.BERLIN(after(300)).isoformat()
    assert record["SessionEnd"] == samples.BERLIN(last).isoformat()


def test_no_clock_that_is_ahead_makes_a_record_of_the_future() -> None:
    ahead = after(100, set_by_s=7200).model_copy(update={"boot": "c", "trusted": False})
    last = after(9_000, boot="d", set_by_s=-6_000)
    changes = {"session_start": after(0), "charging_start": after(1), "charging_end": ahead, "session_end": last}
    record = told(samples.CDR.model_copy(update=changes))
    assert record["ChargingEnd"] == record["SessionEnd"] == samples.BERLIN(last).isoformat()


def test_over_a_restart_that_lost_time_the_end_bounds_the_beginning() -> None:
    changes = {"session_start": after(0), "charging_start": after(0), "charging_end": after(9, boot="c", set_by_s=-60)}
    record = told(samples.CDR.model_copy(update={"session_end": after(9, boot="c", set_by_s=-60), **changes}))
    assert record["SessionStart"] == record["SessionEnd"]
