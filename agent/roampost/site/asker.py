"""Asks hubs about cards while a person waits: all hubs of the EVSE side by side, the first yes wins.

A second or a late yes is closed at its hub; no answer is a no, with its reason in the log and the audit.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence

from roampost.evse.effect import AskStart, AskStop
from roampost.evse.event import Grant
from roampost.hubs.base import Authorization, Decision, Hub
from roampost.site.evse_loop import EvseLoop

log = logging.getLogger(__name__)


class Asker:
    """spawn starts a task that the supervisor knows and ends."""

    def __init__(
        self,
        hubs_of: Callable[[str], Sequence[Hub]],
        by_name: Mapping[str, Hub],
        spawn: Callable[..., object],
    ) -> None:
        self._hubs_of = hubs_of
        self._by_name = by_name
        self._spawn = spawn

    def ask(self, loop: EvseLoop, question: AskStart | AskStop) -> None:
        """Start asking; the loop hears of the outcome by itself."""
        if isinstance(question, AskStart):
            self._spawn(self._start(loop, question))
        else:
            self._spawn(self._stop(loop, question))

    async def _start(self, loop: EvseLoop, question: AskStart) -> None:
        hubs = self._hubs_of(loop.evse.evse_id)
        asked = [asyncio.ensure_future(self._one(loop, hub, question)) for hub in hubs]
        answers = await asyncio.gather(*asked)
        if not any(answer.decision is Decision.YES for answer in answers):
            why = "; ".join(answer.text for answer in answers) or "no hub is configured for this EVSE"
            loop.refused(question.card.session_id, why)

    async def _one(self, loop: EvseLoop, hub: Hub, question: AskStart) -> Authorization:
        card = question.card
        answer = await hub.authorize_start(evse_id=loop.evse.evse_id, uid=card.uid, session_id=card.session_id)
        log.info("%s: %s says %s: %s", loop.evse.evse_id, hub.name, answer.decision, answer.text)
        if answer.decision is Decision.YES and answer.hub_session_id is not None:
            loop.granted(Grant(hub.name, answer.hub_session_id, card, answer.stop_uids))
        return answer

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
