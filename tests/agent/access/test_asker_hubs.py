"""Several hubs at one EVSE: each one's word and list are about its own contracts, and none waits for another."""

import pytest

from roampost.domain.messages import EndMessage
from roampost.evse.event import Decider
from roampost.evse.session import Session
from roampost.evse.state import State
from roampost.hubs.base import Authorization, Decision
from tests.agent.access.test_asker import LIST, NO, NO_ANSWER, ON_LIST, YES, Round, ScriptedHub, said
from tests.agent.evse.makers import UID
from tests.agent.loop.rig import Rig

CONTRACT = "DE-8EO-CAet5e4XY-3"
# A hub without session IDs: ours is its own.
OURS = Authorization(Decision.YES, "welcome", hub_session_id="own-1", contract_id=CONTRACT)


def session(rig: Rig) -> Session:
    begun = rig.loop.evse.session
    assert begun is not None
    return begun


def ends(rig: Rig) -> list[tuple[str | None, str | None]]:
    """The hubs that were told of an end, and of which session of theirs."""
    return [(hub, one.session.hub_session_id) for hub, one in rig.disk.told() if isinstance(one, EndMessage)]


def sessions_told(rig: Rig) -> list[tuple[str | None, str]]:
    return [(hub, one.kind) for hub, one in rig.disk.told() if one.kind != "status"]


async def listed(rig: Rig, *hubs: ScriptedHub, on: str) -> Round:
    """No hub has answered in time, and the list of one let the card charge."""
    asked = Round(rig, *hubs, answer_s=0.0, policy=LIST, listed=lambda hub, _uid: ON_LIST if hub == on else None)
    await asked.show_card()
    while rig.state() is State.ASKING_PLUGGED:
        await rig.settle()
    assert (session(rig).hub, session(rig).hub_session_id, session(rig).decided_by) == (on, None, Decider.LIST)
    return asked


# -- the first yes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", ["down", "up"])
@pytest.mark.parametrize("answer", [YES, OURS], ids=["with IDs", "without IDs"])
async def test_a_hub_that_does_not_answer_never_delays_the_yes_of_another(first: str, answer: Authorization) -> None:
    async with Rig() as rig:
        down, up = ScriptedHub("down", NO_ANSWER), said("up", answer)
        asked = Round(rig, *((down, up) if first == "down" else (up, down)))
        await asked.show_card()
        assert down.asked == [UID]
        assert rig.state() is State.READY
        assert (session(rig).hub, session(rig).hub_session_id) == ("up", answer.hub_session_id)
        assert session(rig).contract_id == answer.contract_id
        down.speak.set()
        await asked.ended()
        assert sessions_told(rig) == []


@pytest.mark.parametrize(
    ("first", "second"), [(YES, OURS), (OURS, YES), (OURS, OURS)], ids=["IDs, none", "none, IDs", "none, none"]
)
async def test_a_second_yes_is_closed_under_the_id_that_its_own_hub_knows(
    first: Authorization, second: Authorization
) -> None:
    """Our ID may be the session ID of one hub, of both or of none: whose session it is, the hub says."""
    async with Rig() as rig:
        slow = ScriptedHub("slow", second)
        asked = Round(rig, said("quick", first), slow)
        await asked.show_card()
        before = session(rig)
        slow.speak.set()
        await asked.ended()
        assert session(rig) == before
        assert (before.hub, before.hub_session_id) == ("quick", first.hub_session_id)
        assert ends(rig) == [("slow", second.hub_session_id)]


async def test_the_same_yes_twice_of_a_hub_without_ids_is_one() -> None:
    async with Rig() as rig:
        asked = Round(rig, said("hubject", OURS))
        await asked.show_card()
        before = session(rig)
        await rig.allow("hubject", "own-1")
        await asked.ended()
        assert session(rig) == before
        assert ends(rig) == []


# -- no, and the lists ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [("no", "silent"), ("silent", "no")])
async def test_the_no_of_one_hub_forbids_nothing_to_the_list_of_another(order: tuple[str, str]) -> None:
    async with Rig() as rig:
        hubs = {"no": said("no", NO), "silent": said("silent", NO_ANSWER)}
        asked = Round(rig, *(hubs[name] for name in order), policy=LIST, listed=lambda _hub, _uid: ON_LIST)
        await asked.show_card()
        await asked.ended()
        assert (session(rig).hub, session(rig).decided_by) == ("silent", Decider.LIST)
        assert sessions_told(rig) == [("silent", "late_authorization")]


async def test_a_late_no_ends_only_what_the_list_of_the_same_hub_has_allowed() -> None:
    """And does not wait for the word of the other."""
    async with Rig() as rig:
        lister, other, silent = (ScriptedHub(name, NO) for name in ("lister", "other", "silent"))
        asked = await listed(rig, lister, other, silent, on="lister")
        other.speak.set()
        await rig.settle()
        assert rig.state() is State.READY
        lister.speak.set()
        await rig.settle()
        assert rig.state() is State.FINISHING
        assert "lister said no after its list had allowed it" in rig.loop.evse.why
        silent.speak.set()
        await asked.ended()


@pytest.mark.parametrize("answer", [YES, OURS], ids=["with IDs", "without IDs"])
async def test_another_hub_s_yes_after_a_list_had_to_do_is_closed_and_the_session_stays(answer: Authorization) -> None:
    async with Rig() as rig:
        lister, other = ScriptedHub("lister", OURS), ScriptedHub("other", answer)
        asked = await listed(rig, lister, other, on="lister")
        before = session(rig)
        other.speak.set()
        await rig.settle()
        assert session(rig) == before
        assert ends(rig) == [("other", answer.hub_session_id)]
        assert before.cap_wh == LIST.offline_max_wh
        lister.speak.set()
        await asked.ended()
        assert (session(rig).hub, session(rig).hub_session_id) == ("lister", "own-1")
        assert (session(rig).cap_wh, session(rig).cap_s) == (None, None)
        assert len(ends(rig)) == 1


@pytest.mark.parametrize("answer", [YES, OURS], ids=["with IDs", "without IDs"])
async def test_the_listing_hub_s_own_late_yes_tells_whose_contract_it_is(answer: Authorization) -> None:
    async with Rig() as rig:
        lister = ScriptedHub("lister", answer)
        asked = await listed(rig, lister, on="lister")
        assert session(rig).contract_id is None
        lister.speak.set()
        await asked.ended()
        found = (session(rig).hub_session_id, session(rig).contract_id)
        assert found == (answer.hub_session_id, answer.contract_id)
        assert ends(rig) == []
