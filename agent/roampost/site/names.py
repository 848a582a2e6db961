"""The event loop of the agent: it looks names up in threads of their own, each name once at a time.

The system's resolver waits half a minute for a name server that is silent, and nobody can call it off. In asyncio's
own threads, which files need too, a few questions about one hub's name would keep the other hub waiting for its own.
"""

import asyncio
import errno
import socket
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from threading import Thread
from typing import Any

Question = tuple[bytes | str | None, bytes | str | int | None, int, int, int, int]
Answer = list[tuple[Any, Any, int, str, Any]]


class NamesApart(asyncio.SelectorEventLoop):
    """A thread lasts as long as its question: there are never more than names that hang, and none at rest."""

    def __init__(self) -> None:
        super().__init__()
        self._asked: dict[Question, asyncio.Future[Answer]] = {}

    async def getaddrinfo(
        self,
        host: bytes | str | None,
        port: bytes | str | int | None,
        *,
        family: int = 0,
        type: int = 0,
        proto: int = 0,
        flags: int = 0,
    ) -> Answer:
        question = host, port, family, type, proto, flags
        # Who gives up waiting does not take the answer from the others.
        return await asyncio.shield(self._asked.get(question) or self._ask(question))

    def _ask(self, question: Question) -> "asyncio.Future[Answer]":
        answer: asyncio.Future[Answer] = self.create_future()
        thread = Thread(target=self._look_up, args=(question, answer), name=f"name {question[0]!r}", daemon=True)
        try:
            thread.start()  # first of all: where it cannot begin, nobody may wait for its answer, now or later
        except RuntimeError as error:
            raise OSError(errno.EAGAIN, str(error)) from error
        self._asked[question] = answer
        answer.add_done_callback(lambda _: self._asked.pop(question))
        return answer

    def _look_up(self, question: Question, answer: "asyncio.Future[Answer]") -> None:
        done: Callable[[], None]
        try:
            done = partial(answer.set_result, socket.getaddrinfo(*question))
        except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to those who wait
            done = partial(_failed, answer, error)
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self.call_soon_threadsafe(done)


def _failed(answer: "asyncio.Future[Answer]", error: Exception) -> None:
    answer.set_exception(error)
    answer.exception()  # perhaps nobody waits any more
