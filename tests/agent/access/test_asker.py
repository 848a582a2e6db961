"""Two hubs and a person who waits: the first yes wins, everything else is closed or said in words."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest

from roampost.access.asker import ANSWER_S, Asker
from roampost.access.authorization import Listed, Policy
from roampost.domain.messages import EndMessage, Message
from roampost.evse.effect import AskStart, AskStop, Opened
from roampost.evse.event import Decider
from roampost.evse.state import State
from roampost.hubs.base import Answer, Authorization, CardList, Decision, Limit
from roampost.hubs.oicp.client import AUTHORIZE_S
from roampost_drivers.roles import Pilot
from tests.agent.evse.makers import EVSE_ID, UID, card, session
from tests.agent.loop.rig import Rig

YES = Authorization(Decision.YES, "welcome", hub_session_id="hub-session-1", stop_uids=("04FFFF01",))
NO = Authorization(Decision.NO, "unknown card")


@dataclass
class ScriptedHub:
    """Answers what it is told to, when `speak` is set; an exception is raised."""

    name: str
    answer: Authorization | Exception
    speak: asyncio.Event = field(default_factory=asyncio.Event)
    stops: list[tuple[str, str]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    limits: tuple[Limit, ...] = ()

    async def authorize_start(self, *, evse_id: str, uid: str, session_id: str) -> Authorization:
        self.asked.append(uid)
        await self.speak.wait()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def authorize_stop(
        self, *, evse_id: str, uid: str, session_id: str, hub_session_id: str, contract_id: str | None = None
    ) -> Authorization:
        self.stops.append((uid, hub_session_id))
        return await self.authorize_start(evse_id=evse_id, uid=uid, session_id=session_id)

    def takes(self, message: Message) -> bool:
        return True

    async def deliver(self, message: Message, *, maybe_arrived: bool) -> Answer:
        raise NotImplementedError

    async def pull_cards(self) -> CardList | Answer:
        raise NotImplementedError

    async def aclose(self) -> None:
        raise NotImplementedError


def said(name: str, answer: Authorization | Exception) -> ScriptedHub:
    hub = ScriptedHub(name, answer)
    hub.speak.set()
    return hub


class Round:
    """An EVSE with a vehicle, and an asker over some hubs."""

    def __init__(self, rig: Rig, *hubs: ScriptedHub, answer_s: float = 60.0, **more: Any) -> None:
        self.rig = rig
        self.tasks: list[asyncio.Task[None]] = []
        by_name = {hub.name: hub for hub in hubs}
        self.asker = Asker(
            lambda _evse_id: hubs,
            by_name,
            lambda work: self.tasks.append(asyncio.ensure_future(work)),
            answer_s=answer_s,
            **more,
        )

    async def show_card(self) -> None:
        await self.rig.look(Pilot.B)
        self.rig.loop.card(UID, "own-1")
        await self.rig.settle()
        self.asker.ask(self.rig.loop, self.rig.asked[-1])
        await self.rig.settle()

    async def ended(self) -> None:
        await asyncio.gather(*self.tasks)
        await self.rig.settle()


async def test_the_first_yes_wins_and_the_second_is_closed_at_its_hub() -> None:
    async with Rig() as rig:
        slow, quick = ScriptedHub("slow", YES), said("quick", YES)
        asked = Round(rig, slow, quick)
        await asked.show_card()
        assert rig.loop.evse.session is not None
        assert rig.loop.evse.session.hub == "quick"
        assert rig.loop.evse.session.stop_uids == ("04FFFF01",)
        slow.speak.set()
        await asked.ended()
        assert rig.state() is State.READY
        (closed,) = [(hub, one) for hub, one in rig.disk.told() if isinstance(one, EndMessage)]
        assert closed[0] == "slow"


async def test_one_no_waits_for_the_other_hub() -> None:
    async with Rig() as rig:
        slow = ScriptedHub("slow", YES)
        asked = Round(rig, said("quick", NO), slow)
        await asked.show_card()
        assert rig.state() is State.ASKING_PLUGGED
        slow.speak.set()
        await asked.ended()
        assert rig.state() is State.READY


async def test_two_noes_are_a_no_with_both_reasons() -> None:
    async with Rig() as rig:
        asked = Round(rig, said("a", NO), said("b", Authorization(Decision.NO_ANSWER, "b cannot be reached")))
        await asked.show_card()
        await asked.ended()
        assert rig.state() is State.PLUGGED
        assert rig.loop.evse.why == "unknown card; b cannot be reached"


async def test_without_a_hub_the_person_hears_no() -> None:
    async with Rig() as rig:
        await Round(rig).show_card()
        assert rig.state() is State.PLUGGED
        assert rig.loop.evse.why == "no hub is configured for this EVSE"


async def test_a_hub_that_meets_a_bug_does_not_leave_the_person_waiting(caplog: pytest.LogCaptureFixture) -> None:
    async with Rig() as rig:
        asked = Round(rig, said("broken", KeyError("x")), said("b", NO))
        await asked.show_card()
        await asked.ended()
        assert rig.state() is State.PLUGGED
        assert "broken could not be asked" in rig.loop.evse.why
        assert UID not in caplog.text


async def test_a_hub_that_may_hold_a_session_open_is_named(caplog: pytest.LogCaptureFixture) -> None:
    async with Rig() as rig:
        lost = Authorization(Decision.NO_ANSWER, "the answer was lost", maybe_open=True)
        await Round(rig, said("a", lost), said("b", NO)).show_card()
        warned = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
        assert warned == [f"{EVSE_ID}: a may hold a session open that only it can close"]


async def test_a_bug_at_one_hub_does_not_spoil_the_yes_of_another() -> None:
    async with Rig() as rig:
        asked = Round(rig, said("broken", KeyError("x")), said("good", YES))
        await asked.show_card()
        await asked.ended()
        assert rig.state() is State.READY


async def test_a_yes_without_session_id_is_a_no() -> None:
    async with Rig() as rig:
        await Round(rig, said("odd", Authorization(Decision.YES, "yes"))).show_card()
        assert rig.state() is State.PLUGGED
        assert "without a session ID" in rig.loop.evse.why


async def test_a_yes_after_the_limit_is_closed_at_its_hub() -> None:
    async with Rig() as rig:
        silent = ScriptedHub("silent", YES)
        asked = Round(rig, silent, answer_s=0.0)
        await asked.show_card()
        while rig.state() is State.ASKING_PLUGGED:
            await rig.settle()
        assert "no answer within" in rig.loop.evse.why
        silent.speak.set()
        await asked.ended()
        assert rig.state() is State.PLUGGED
        assert [message.kind for message in rig.told()].count("end") == 1


async def test_a_question_that_nobody_answers_is_given_up_by_the_evse_itself() -> None:
    async with Rig() as rig:
        await rig.look(Pilot.A)
        rig.loop.card(UID, "own-1")
        await rig.look(Pilot.A, times=25, step_s=1.0)
        assert rig.state() is State.AVAILABLE
        assert rig.loop.evse.why == "no hub answered in time"


async def test_a_question_is_not_asked_when_the_vehicle_left_before_it_was_on_the_disk() -> None:
    async with Rig() as rig:
        await rig.look(Pilot.B)
        rig.hold = True
        rig.loop.card(UID, "own-1")
        await rig.look(Pilot.A)
        await rig.release()
        assert rig.asked == []


@pytest.mark.parametrize(("answer", "state"), [(YES, State.FINISHING), (NO, State.CHARGING)])
async def test_another_card_stops_a_session_when_its_hub_allows(answer: Authorization, state: State) -> None:
    async with Rig() as rig:
        await rig.charge()
        rig.loop.card("04EEEE01", "own-2")
        await rig.settle()
        hub = said("hubject", answer)
        asked = Round(rig, hub)
        asked.asker.ask(rig.loop, rig.asked[-1])
        await asked.ended()
        assert rig.state() is state
        assert hub.stops == [("04EEEE01", "b2688855-7f00-0002-6d8e-48d883f6abb6")]


async def test_a_yes_to_stopping_does_not_stop_the_next_session() -> None:
    async with Rig() as rig:
        await rig.charge()
        asked = Round(rig, said("hubject", YES))
        asked.asker.ask(rig.loop, AskStop("04EEEE01", session(session_id="own-0")))
        await asked.ended()
        assert rig.state() is State.CHARGING


async def test_stopping_at_a_hub_that_is_not_configured_any_more_changes_nothing() -> None:
    async with Rig() as rig:
        await rig.charge()
        asked = Round(rig)
        asked.asker.ask(rig.loop, AskStop("04EEEE01", session()))
        await asked.ended()
        assert rig.state() is State.CHARGING


async def test_a_hub_of_the_question_is_told_the_card_that_was_shown() -> None:
    async with Rig() as rig:
        await Round(rig, said("a", NO)).show_card()
        assert rig.asked == [AskStart(card())]


LIST = Policy(use_lists=True, list_max_age_s=3_600.0, offline_max_wh=20_000, offline_max_s=14_400)
NO_ANSWER = Authorization(Decision.NO_ANSWER, "it cannot be reached")
ON_LIST = Listed(held=True, age_s=60.0)


def told_kinds(rig: Rig) -> list[str]:
    return [message.kind for message in rig.told() if message.kind != "status"]


async def test_an_own_card_charges_at_once_and_no_hub_is_asked(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    async with Rig() as rig:
        hub = ScriptedHub("hubject", YES)
        await Round(rig, hub, own=lambda uid: uid == UID, policy=Policy(own_max_wh=9_000)).show_card()
        begun = rig.loop.evse.session
        assert begun is not None
        assert (begun.hub, begun.decided_by, begun.cap_wh) == (None, Decider.OPERATOR, 9_000)
        assert hub.asked == []
        assert "is one of the operator's own" in caplog.text
        assert UID not in caplog.text


async def test_an_own_card_needs_no_hub_at_all() -> None:
    async with Rig() as rig:
        await Round(rig, own=lambda _uid: True).show_card()
        assert rig.state() is State.READY


async def test_a_card_on_the_list_of_a_silent_hub_charges_within_limits(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    async with Rig() as rig:
        await Round(rig, said("hubject", NO_ANSWER), policy=LIST, listed=lambda _hub, _uid: ON_LIST).show_card()
        begun = rig.loop.evse.session
        assert begun is not None
        assert (begun.hub, begun.hub_session_id, begun.decided_by) == ("hubject", None, Decider.LIST)
        assert (begun.cap_wh, begun.cap_s) == (20_000, 14_400)
        assert told_kinds(rig) == ["late_authorization"]
        assert "is on hubject's list" in caplog.text
        assert UID not in caplog.text


@pytest.mark.parametrize(
    ("answer", "policy"), [(NO, LIST), (NO_ANSWER, Policy())], ids=["the hub says no", "the policy is to deny"]
)
async def test_the_list_is_not_asked_against_a_no_or_the_policy(answer: Authorization, policy: Policy) -> None:
    async with Rig() as rig:
        await Round(rig, said("hubject", answer), policy=policy, listed=lambda _hub, _uid: ON_LIST).show_card()
        assert rig.state() is State.PLUGGED
        assert rig.loop.evse.why == answer.text


async def test_nobody_waits_long_for_a_hub_that_is_known_to_be_away_and_its_late_word_is_taken() -> None:
    async with Rig() as rig:
        away = ScriptedHub("hubject", YES)
        asked = Round(
            rig, away, policy=LIST, listed=lambda _hub, _uid: ON_LIST, reachable=lambda _hub: False, short_s=0.0
        )
        await asked.show_card()
        while rig.state() is State.ASKING_PLUGGED:
            await rig.settle()
        assert rig.state() is State.READY
        assert away.asked == [UID]
        away.speak.set()
        await asked.ended()
        begun = rig.loop.evse.session
        assert begun is not None
        assert (begun.hub_session_id, begun.cap_wh, begun.cap_s) == ("hub-session-1", None, None)
        assert told_kinds(rig) == ["late_authorization"]
        (opened,) = [effect for _, effects in rig.commits for effect in effects if isinstance(effect, Opened)]
        assert opened.session == begun
        rig.loop.opened("own-1", "hub-session-1")
        assert told_kinds(rig) == ["late_authorization"]
        # The late authorization was on its way already: what it has opened beside is closed.
        rig.loop.opened(begun.session_id, "hub-session-2")
        (closed,) = [message for message in rig.told() if isinstance(message, EndMessage)]
        assert closed.session.hub_session_id == "hub-session-2"
        assert rig.loop.evse.session == begun


@pytest.mark.parametrize("opened", [False, True])
async def test_a_no_that_comes_after_the_list_has_allowed_it_ends_the_session(opened: bool) -> None:
    """Unless the hub has taken the session by now."""
    async with Rig() as rig:
        away = ScriptedHub("hubject", NO)
        asked = Round(
            rig, away, policy=LIST, listed=lambda _hub, _uid: ON_LIST, reachable=lambda _hub: False, short_s=0.0
        )
        await asked.show_card()
        while rig.state() is State.ASKING_PLUGGED:
            await rig.settle()
        session = rig.loop.evse.session
        assert session is not None
        if opened:
            rig.loop.opened(session.session_id, "hub-session-1")
        away.speak.set()
        await asked.ended()
        assert rig.state() is (State.READY if opened else State.FINISHING)
        assert opened or NO.text in rig.loop.evse.why


@pytest.mark.parametrize("policy", [Policy(), LIST], ids=["deny", "not on the list"])
async def test_without_a_list_that_says_yes_a_hub_has_its_whole_time(policy: Policy) -> None:
    async with Rig() as rig:
        slow = ScriptedHub("hubject", YES)
        asked = Round(
            rig,
            slow,
            policy=policy,
            listed=lambda _hub, _uid: Listed(held=False, age_s=60.0),
            reachable=lambda _hub: False,
            short_s=0.0,
        )
        await asked.show_card()
        assert rig.state() is State.ASKING_PLUGGED
        slow.speak.set()
        await asked.ended()
        assert rig.state() is State.READY
        assert rig.loop.evse.session is not None
        assert rig.loop.evse.session.decided_by is Decider.HUB


async def test_every_question_counts_for_the_hub_s_rate_limit() -> None:
    spent: list[tuple[str, str]] = []
    async with Rig() as rig:
        asked = Round(rig, said("hubject", YES), spend=lambda hub, kind: spent.append((hub, kind)))
        await asked.show_card()
        asked.asker.ask(rig.loop, AskStop("04EEEE01", session()))
        await asked.ended()
        assert spent == [("hubject", "authorize_start"), ("hubject", "authorize_stop")]


@pytest.mark.parametrize(
    ("decision", "told"), [(Decision.YES, ["hubject"]), (Decision.NO, ["hubject"]), (Decision.NO_ANSWER, [])]
)
async def test_the_outbox_is_told_of_a_hub_that_answers(decision: Decision, told: list[str]) -> None:
    heard: list[str] = []
    async with Rig() as rig:
        answer = YES if decision is Decision.YES else Authorization(decision, "in words")
        asked = Round(rig, said("hubject", answer), heard=heard.append)
        await asked.show_card()
        await asked.ended()
    assert heard == told


async def test_no_hub_is_asked_to_stop_a_session_that_it_does_not_know() -> None:
    async with Rig() as rig:
        await rig.charge()
        hub = said("hubject", YES)
        asked = Round(rig, hub)
        for unknown in (session(hub_session_id=None), session(hub=None, hub_session_id=None)):
            asked.asker.ask(rig.loop, AskStop("04EEEE01", unknown))
        await asked.ended()
        assert hub.stops == []
        assert rig.state() is State.CHARGING


def test_a_hub_is_listened_to_for_longer_than_a_person_waits() -> None:
    assert AUTHORIZE_S > ANSWER_S, "a yes that comes too late has to be heard, or nobody closes it at the hub"
