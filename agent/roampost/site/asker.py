"""Asks hubs about cards while a person waits: all hubs of the EVSE side by side, the first yes wins.

A second or a late yes is closed at its hub; no answer is a no, with its reason in the log.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence

from roampost.evse.effect import AskStart, AskStop
from roampost.evse.event import Grant
from roampost.hubs.base import Decision, Hub
from roampost.site.evse_loop import EvseLoop

log = logging.getLogger(__name__)
# Longer than a hub's own limit (10 s); after it the person hears no, and a yes that still comes is closed.
ANSWER_S = 15.0


class Asker:
    """spawn starts a task and keeps it until it has ended."""

    def __init__(
        self,
        hubs_of: Callable[[str], Sequence[Hub]],
        by_name: Mapping[str, Hub],
        spawn: Callable[..., object],
        *,
        answer_s: float = ANSWER_S,
    ) -> None:
        self._hubs_of = hubs_of
        self._by_name = by_name
        self._spawn = spawn
        self._answer_s = answer_s

    def ask(self, loop: EvseLoop, question: AskStart | AskStop) -> None:
        """Start asking; the loop hears of the outcome by itself."""
        if isinstance(question, AskStart):
            self._spawn(self._start(loop, question))
        else:
            self._spawn(self._stop(loop, question))

    async def _start(self, loop: EvseLoop, question: AskStart) -> None:
        asked = [asyncio.create_task(self._one(loop, hub, question)) for hub in self._hubs_of(loop.evse.evse_id)]
        if not asked:
            loop.refused(question.card.session_id, "no hub is configured for this EVSE")
            return
        done, late = await asyncio.wait(asked, timeout=self._answer_s)
        noes = [task.result() for task in asked if task in done]
        if None not in noes:
            noes += [f"no answer within {self._answer_s:.0f} s"] * bool(late)
            loop.refused(question.card.session_id, "; ".join(str(no) for no in noes))
        await asyncio.gather(*late)

    async def _one(self, loop: EvseLoop, hub: Hub, question: AskStart) -> str | None:
        """Tell the loop of a yes; a no in words."""
        card = question.card
        try:
            answer = await hub.authorize_start(evse_id=loop.evse.evse_id, uid=card.uid, session_id=card.session_id)
        except Exception:
            log.exception("%s: asking %s met a bug", loop.evse.evse_id, hub.name)
            return f"{hub.name} could not be asked because of an error inside Roampost; see the log"
        log.info("%s: %s says %s: %s", loop.evse.evse_id, hub.name, answer.decision, answer.text)
        if answer.maybe_open:
            # Without a hub's session ID there is nothing that End could be told of.
            log.warning("%s: %s may hold a session open that only it can close", loop.evse.evse_id, hub.name)
        if answer.decision is not Decision.YES:
            return answer.text
        if answer.hub_session_id is None:
            return f"{hub.name} said yes without a session ID"
        loop.granted(Grant(hub.name, answer.hub_session_id, card, answer.stop_uids))
        return None

    async def _stop(self, loop: EvseLoop, question: AskStop) -> None:
        session = question.session
        hub = self._by_name.get(session.hub)
        if hub is None:
            log.warning("%s: hub %s is not configured any more", loop.evse.evse_id, session.hub)
            return
        answer = await hub.authorize_stop(
            evse_id=session.evse_id,
            uid=question.uid,
            session_id=session.session_id,
            hub_session_id=session.hub_session_id,
        )
        log.info("%s: %s says %s to stopping: %s", loop.evse.evse_id, hub.name, answer.decision, answer.text)
        if answer.decision is Decision.YES:
            loop.stop_granted(session.session_id, question.uid)
