"""Asks hubs about cards while a person waits: all hubs of the EVSE side by side, the first yes wins.

The operator's own cards are not asked about. A second or a late yes is closed at its hub. No answer is a no, with its
reason in the log, unless the policy lets the hub's list speak for it (`authorization.decide`); that hub's no that comes
later ends what its list has allowed. Another hub's yes that comes later is closed like every late one, although it
would pay for sure: the list's hub is being told of the session already, and may have opened it.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence

from roampost.access.authorization import Listed, Policy, Word, decide, list_says_no, own_grant
from roampost.domain.uid import mask_uid
from roampost.evse.effect import AskStart, AskStop
from roampost.evse.event import Card, Decider, Grant
from roampost.hubs.base import Authorization, Decision, Hub
from roampost.loop.evse_loop import EvseLoop

log = logging.getLogger(__name__)
# What a person waits; after it he hears no, and a yes that still comes is closed at its hub.
ANSWER_S = 10.0
# Of a hub that is known to be unreachable and whose list says yes: it is still asked, but nobody waits for it longer.
SHORT_S = 3.0


class Asker:
    """spawn starts a task and keeps it until it has ended.

    own: whether a card is the operator's. listed: what a hub's list says of a card, None without a list. reachable:
    False where the outbox knows that a hub is not. spend (hub, kind) counts a call for the hub's rate limit, for which
    nobody waits. heard tells the outbox that a hub has answered. shown writes a card number as the operator wants it in
    the log.
    """

    def __init__(
        self,
        hubs_of: Callable[[str], Sequence[Hub]],
        by_name: Mapping[str, Hub],
        spawn: Callable[..., object],
        *,
        answer_s: float = ANSWER_S,
        short_s: float = SHORT_S,
        policy: Policy | None = None,
        own: Callable[[str], bool] = lambda _uid: False,
        listed: Callable[[str, str], Listed | None] = lambda _hub, _uid: None,
        reachable: Callable[[str], bool] = lambda _hub: True,
        spend: Callable[[str, str], object] = lambda _hub, _kind: None,
        heard: Callable[[str], object] = lambda _hub: None,
        shown: Callable[[str], str] = mask_uid,
    ) -> None:
        self._hubs_of = hubs_of
        self._by_name = by_name
        self._spawn = spawn
        self._answer_s = answer_s
        self._short_s = short_s
        self._policy = policy or Policy()
        self._own = own
        self._listed = listed
        self._reachable = reachable
        self._spend = spend
        self._heard = heard
        self._shown = shown

    def ask(self, loop: EvseLoop, question: AskStart | AskStop) -> None:
        """Start asking; the loop hears of the outcome by itself."""
        if isinstance(question, AskStart):
            self._spawn(self._start(loop, question))
        else:
            self._spawn(self._stop(loop, question))

    async def _start(self, loop: EvseLoop, question: AskStart) -> None:
        card = question.card
        assert card.uid is not None
        if self._own(card.uid):
            self._allow(loop, own_grant(card, self._policy))
            return
        asked = {
            hub.name: asyncio.create_task(self._one(loop, hub, question)) for hub in self._hubs_of(loop.evse.evse_id)
        }
        if not asked:
            loop.refused(card.session_id, "no hub is configured for this EVSE")
            return
        found = await asyncio.gather(*(self._word(name, task, card.uid) for name, task in asked.items()))
        words = [word for word in found if word is not None]
        if len(words) == len(found):
            self._without_yes(loop, question, words)
        for later in asyncio.as_completed(asked.values()):
            self._hear_late_no(loop, card, await later)

    async def _word(self, hub: str, asked: "asyncio.Task[Word | None]", uid: str) -> Word | None:
        """What the hub says within the time that a person waits for it; None is yes."""
        fallback = not self._reachable(hub) and list_says_no(self._listed(hub, uid), self._policy) is None
        wait_s = self._short_s if fallback else self._answer_s
        done, _ = await asyncio.wait({asked}, timeout=wait_s)
        return asked.result() if done else Word(hub, Decision.NO_ANSWER, f"no answer within {wait_s:.0f} s")

    def _without_yes(self, loop: EvseLoop, question: AskStart, words: Sequence[Word]) -> None:
        card = question.card
        outcome = decide(card, words, lambda hub: self._listed(hub, card.uid or ""), self._policy)
        if isinstance(outcome, Grant):
            self._allow(loop, outcome)
        else:
            loop.refused(card.session_id, outcome)

    def _hear_late_no(self, loop: EvseLoop, card: Card, word: Word | None) -> None:
        """A clear no of the hub whose list has let the card charge: nobody would pay, so it is not waited for more."""
        session = loop.evse.session
        if word is None or word.decision is not Decision.NO or session is None:
            return
        if (session.session_id, session.hub, session.hub_session_id) != (card.session_id, word.hub, None):
            return
        if session.decided_by is Decider.LIST:
            loop.stop_remote(card.session_id, f"{word.hub} said no after its list had allowed it: {word.text}")

    def _allow(self, loop: EvseLoop, grant: Grant) -> None:
        """A yes that no hub has said: who did is in the log and in the session."""
        who = "is one of the operator's own" if grant.decided_by is Decider.OPERATOR else f"is on {grant.hub}'s list"
        uid = self._shown(grant.card.uid or "")
        log.info("%s: card %s %s; session %s is allowed", loop.evse.evse_id, uid, who, grant.card.session_id)
        loop.granted(grant)

    async def _one(self, loop: EvseLoop, hub: Hub, question: AskStart) -> Word | None:
        """Tell the loop of a yes; everything else in words."""
        card = question.card
        assert card.uid is not None
        self._spend(hub.name, "authorize_start")
        try:
            answer = await hub.authorize_start(evse_id=loop.evse.evse_id, uid=card.uid, session_id=card.session_id)
        except Exception:
            log.exception("%s: asking %s met a bug", loop.evse.evse_id, hub.name)
            text = f"{hub.name} could not be asked because of an error inside Roampost; see the log"
            return Word(hub.name, Decision.NO_ANSWER, text)
        self._log(loop, hub, answer)
        if answer.decision is not Decision.NO_ANSWER:
            self._heard(hub.name)
        if answer.decision is not Decision.YES:
            return Word(hub.name, answer.decision, answer.text)
        if answer.hub_session_id is None:
            return Word(hub.name, Decision.NO_ANSWER, f"{hub.name} said yes without a session ID")
        loop.granted(Grant(hub.name, answer.hub_session_id, card, answer.stop_uids, contract_id=answer.contract_id))
        return None

    def _log(self, loop: EvseLoop, hub: Hub, answer: Authorization) -> None:
        log.info("%s: %s says %s: %s", loop.evse.evse_id, hub.name, answer.decision, answer.text)
        if answer.maybe_open:
            # Without a hub's session ID there is nothing that End could be told of.
            log.warning("%s: %s may hold a session open that only it can close", loop.evse.evse_id, hub.name)

    async def _stop(self, loop: EvseLoop, question: AskStop) -> None:
        session = question.session
        if session.hub is None or session.hub_session_id is None:
            log.info("%s: no hub knows this session; only the card that began it stops it", loop.evse.evse_id)
            return
        hub = self._by_name.get(session.hub)
        if hub is None:
            log.warning("%s: hub %s is not configured any more", loop.evse.evse_id, session.hub)
            return
        self._spend(hub.name, "authorize_stop")
        answer = await hub.authorize_stop(
            evse_id=session.evse_id,
            uid=question.uid,
            session_id=session.session_id,
            hub_session_id=session.hub_session_id,
            contract_id=session.contract_id,
        )
        log.info("%s: %s says %s to stopping: %s", loop.evse.evse_id, hub.name, answer.decision, answer.text)
        if answer.decision is Decision.YES:
            loop.stop_granted(session.session_id, question.uid)
