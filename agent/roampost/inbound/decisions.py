"""The station's word within the time that a hub gives it.

A command that takes longer is not cancelled, because it may have committed: the hub is told that it was not decided in
time, and when it asks the same again it is told what became of it.
"""

import asyncio
import logging

from roampost.hubs.remote import Command, Outcome, Reception, ReplaceCards, Reply

log = logging.getLogger(__name__)
_NOT_IN_TIME = "the station has not decided in time"
_BROKEN = "an error of the agent"


class Decisions:
    def __init__(self, reception: Reception, *, most: int) -> None:
        self._reception = reception
        self._most = most
        self._running: set[asyncio.Task[Reply]] = set()

    @property
    def busy(self) -> bool:
        return len(self._running) >= self._most

    async def on(self, command: Command, *, within_s: float) -> Reply:
        task = asyncio.create_task(self._reception.take(command))
        self._running.add(task)
        task.add_done_callback(self._done)
        # Not wait_for: it would cancel the command.
        await asyncio.wait({task}, timeout=max(0.0, within_s))
        reply = _reply(task)
        log.info("hub %s: %s: %s", command.hub, _what(command), _words(reply))
        if reply.outcome is Outcome.DONE and isinstance(command, ReplaceCards) and not command.uids:
            log.warning("hub %s: its list of cards is empty now; without the hub none of them can charge", command.hub)
        return reply

    def _done(self, task: "asyncio.Task[Reply]") -> None:
        self._running.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("a hub's request failed", exc_info=task.exception())

    async def ended(self) -> None:
        """When no command runs any more. Those that do are never cancelled from here."""
        if self._running:
            await asyncio.wait(self._running)


def _reply(task: "asyncio.Task[Reply]") -> Reply:
    if not task.done():
        return Reply(Outcome.LATE, _NOT_IN_TIME)
    if task.cancelled() or task.exception() is not None:
        return Reply(Outcome.FAILED, _BROKEN)
    return task.result()


def _what(command: Command) -> str:
    """Never the command itself: it holds cards and accounts."""
    if isinstance(command, ReplaceCards):
        return f"a list of {len(command.uids)} cards"
    return f"{type(command).__name__} at {command.evse_id}"


def _words(reply: Reply) -> str:
    return f"{reply.outcome} ({reply.text})" if reply.text else str(reply.outcome)
