"""session-post: a session from its first word to its record, and every contradiction on the way."""

from dataclasses import replace
from datetime import timedelta

import pytest

from roampost_sim.hub.oioi import OioiHub, OioiSettings
from tests.sim.hub.conftest import HandClock
from tests.sim.hub.oioi.messages import (
    CONTRACT,
    EVSE,
    OTHER_CARD,
    PARTNER,
    SESSION,
    Body,
    at,
    ended,
    evco,
    final,
    interval,
    rfid,
    running,
    verify,
)
from tests.sim.hub.operator import OioiOperator


async def post(operator: OioiOperator, *contents: Body) -> list[str]:
    return [(await operator.call("session-post", content)).code for content in contents]


async def violations(hub: OioiHub, posts: int) -> list[str]:
    await hub.wait_for(lambda: len(hub.record) == posts)
    return hub.violations


async def test_a_session_from_its_start_to_its_record(oioi_hub: OioiHub, oioi_operator: OioiOperator) -> None:
    steps = [running(), running(energy_consumed=2.5), ended(), final()]
    assert await post(oioi_operator, *steps) == ["000"] * 4
    assert await violations(oioi_hub, 4) == []
    told = [entry.means or {} for entry in oioi_hub.record]
    assert [each["what"] for each in told] == ["start", "progress", "end", "cdr"]
    assert [each.get("energy_wh") for each in told] == [None, 2500, 5000, 5000]
    assert told[3] == {
        "what": "cdr",
        "evse_id": EVSE,
        "session": SESSION,
        "hub_session": SESSION,
        "start": at(1),
        "end": at(40),
        "session_start": at(0),
        "session_end": at(41),
        "user": "04…80",
        "energy_wh": 5000,
    }
    session = oioi_hub.sessions[SESSION]
    assert (session.closed, session.cdr, session.energy_wh, session.posts) == (True, final(), 5000, steps)
    assert session.interval("charging-interval") == interval(1, 40)
    assert (session.evse_id, session.uid, session.kind, session.opened_t) == (EVSE, "044A2DAA856280", "card", 1000.0)


async def test_the_same_post_again_is_an_honest_retry(oioi_hub: OioiHub, oioi_operator: OioiOperator) -> None:
    assert await post(oioi_operator, running(), running(), final(), final()) == ["000"] * 4
    assert await violations(oioi_hub, 4) == []
    assert [(entry.means or {})["what"] for entry in oioi_hub.record] == ["start", "start", "cdr", "cdr"]
    assert oioi_hub.sessions[SESSION].posts == [running(), final()]


@pytest.mark.parametrize("late", [final(energy_consumed=6), running(), ended()])
async def test_nothing_comes_after_the_record(oioi_hub: OioiHub, oioi_operator: OioiOperator, late: Body) -> None:
    assert await post(oioi_operator, final(), late) == ["000", "230"]
    assert await violations(oioi_hub, 2) == ["refused 230: the session has its final session-post"]
    assert oioi_hub.sessions[SESSION].cdr == final()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (final(session_interval=interval(42, 41)), "session-interval: stop is before start"),
        (ended(charging_interval=interval(5, 4)), "charging-interval: stop is before start"),
        (final(session_interval=interval(0, 61)), f"session-interval: stop {at(61)} is in the future"),
        (running(charging_interval=interval(61)), f"charging-interval: start {at(61)} is in the future"),
    ],
)
async def test_what_cannot_have_happened_is_refused(
    oioi_hub: OioiHub, oioi_operator: OioiOperator, content: Body, why: str
) -> None:
    assert await post(oioi_operator, content) == ["230"]
    assert await violations(oioi_hub, 1) == [f"refused 230: {why}"]
    assert oioi_hub.sessions == {}


async def test_what_was_the_future_is_taken_later(
    oioi_hub: OioiHub, oioi_operator: OioiOperator, clock: HandClock
) -> None:
    content = final(session_interval=interval(0, 61))
    assert await post(oioi_operator, content) == ["230"]
    clock.wall += timedelta(minutes=1)
    assert await post(oioi_operator, content) == ["000"]


async def test_a_session_at_another_operators_connector_is_refused(
    oioi_hub: OioiHub, oioi_operator: OioiOperator
) -> None:
    assert await post(oioi_operator, running(connector_id="DE*XYZ*E1")) == ["181"]
    assert await violations(oioi_hub, 1) == ["refused 181: DE*XYZ*E1 is not of DE*ABC"]


@pytest.mark.parametrize(
    ("second", "violation"),
    [
        (running(energy_consumed=2.4), "order: less energy than before"),
        (running(), "order: energy-consumed is left out after it was told"),
        (
            running(energy_consumed=3, charging_interval=None),
            "order: charging-interval is left out after it was told",
        ),
        (
            running(energy_consumed=3, connector_id="DE*ABC*E2"),
            f"mismatch: connector-id DE*ABC*E2, the session was opened at {EVSE}",
        ),
        (running(energy_consumed=3, user=evco()), "mismatch: user is not the one of the session"),
        (
            running(energy_consumed=3, session_interval=interval(0.5)),
            f"mismatch: session-interval starts at {at(0.5)}, told before as {at(0)}",
        ),
        (
            running(energy_consumed=3, charging_interval=interval(2)),
            f"mismatch: charging-interval starts at {at(2)}, told before as {at(1)}",
        ),
    ],
)
async def test_what_contradicts_the_last_post_is_a_violation(
    oioi_hub: OioiHub, oioi_operator: OioiOperator, second: Body, violation: str
) -> None:
    assert await post(oioi_operator, running(energy_consumed=2.5), second) == ["000", "000"]
    assert await violations(oioi_hub, 2) == [violation]


@pytest.mark.parametrize(
    ("charging", "told"), [(interval(1), "None"), (interval(1, 39), at(39))], ids=["again", "earlier"]
)
async def test_charging_ends_once(oioi_hub: OioiHub, oioi_operator: OioiOperator, charging: Body, told: str) -> None:
    await post(oioi_operator, ended(), ended(charging_interval=charging))
    assert await violations(oioi_hub, 2) == [f"mismatch: charging-interval stops at {told}, told before as {at(40)}"]


@pytest.mark.parametrize(
    ("content", "violation"),
    [
        (running(charging_interval=interval(-1)), "order: charging-interval starts before session-interval"),
        (final(charging_interval=interval(1, 42)), "order: charging-interval stops after session-interval"),
        (final(charging_interval=interval(1)), "order: the session is over and its charging is not"),
        (final(energy_consumed=None), "mismatch: a final session-post without energy-consumed"),
        (running(user=rfid(OTHER_CARD)), "mismatch: user is nobody for whom the hub has vouched"),
        (
            running(user={"identifier-type": "username", "identifier": "anna"}),
            "mismatch: user is nobody for whom the hub has vouched",
        ),
    ],
)
async def test_a_post_that_contradicts_itself_is_a_violation(
    oioi_hub: OioiHub, oioi_operator: OioiOperator, content: Body, violation: str
) -> None:
    assert await post(oioi_operator, content) == ["000"]
    assert await violations(oioi_hub, 1) == [violation]


async def test_another_partner_than_before_is_a_violation(settings: OioiSettings) -> None:
    async with OioiHub(replace(settings, partners=(PARTNER, "second"))) as hub:
        await post(OioiOperator(hub), running(), running(energy_consumed=1, partner_identifier="second"))
        told = await violations(hub, 2)
    assert told == [f"mismatch: partner-identifier, the session was opened under {PARTNER}"]


async def test_a_moment_may_be_told_in_another_zone(oioi_hub: OioiHub, oioi_operator: OioiOperator) -> None:
    same = {"start": "2026-06-01T10:00:00Z"}
    assert await post(oioi_operator, running(), running(session_interval=same, energy_consumed=1)) == ["000", "000"]
    assert await violations(oioi_hub, 2) == []


@pytest.mark.parametrize("user", [evco(CONTRACT), evco("DE-8EO-CAA856280-X")])
async def test_a_contract_for_which_the_hub_has_vouched_is_somebody(
    oioi_hub: OioiHub, oioi_operator: OioiOperator, user: Body
) -> None:
    await post(oioi_operator, running(user=user))
    assert await violations(oioi_hub, 1) == []


async def test_a_card_that_was_verified_stays_known_for_its_session(
    oioi_hub: OioiHub, oioi_operator: OioiOperator
) -> None:
    oioi_hub.set_card(OTHER_CARD, "known")
    await oioi_operator.call("rfid-verify", verify(OTHER_CARD))
    oioi_hub.set_card(OTHER_CARD, "unknown")
    await post(oioi_operator, running(user=rfid(OTHER_CARD)))
    assert await violations(oioi_hub, 2) == []


async def test_a_post_that_no_processing_met_is_still_the_first(oioi_hub: OioiHub, oioi_operator: OioiOperator) -> None:
    oioi_hub.fault("refused", requests=1, code="100")
    assert await post(oioi_operator, running(), running(energy_consumed=1)) == ["100", "000"]
    await oioi_hub.wait_for(lambda: len(oioi_hub.record) == 2)
    assert [(entry.means or {})["what"] for entry in oioi_hub.record] == ["start", "start"]
