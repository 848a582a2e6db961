"""The fake at the line's seam: bytes to a hub's book and back, through whatever mood hub and network are in."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx

from roampost.hubs.base import Answer
from roampost.hubs.https.endpoint import Endpoint
from roampost.hubs.https.failures import no_reply
from roampost.hubs.https.line import BODY_MAX_BYTES, Reply
from tests.agent.machine.clock import SimClock
from tests.agent.machine.moods import HEARD, LOST, TAKEN, Mood, Topic
from tests.agent.machine.paper import Book, Told

LATE_S = 55.0  # what was lost lands at most this much later


@dataclass
class Weather:
    """What happens to the next requests of one hub: those of `script` first, then `lasting` while there is one."""

    book: Book
    clock: SimClock
    script: list[tuple[Topic, Mood]] = field(default_factory=list)
    lasting: Mood | None = None
    parked: set[tuple[str, str]] = field(default_factory=set)  # (own session or EVSE, kind) that was told to park
    calls: int = 0
    _held: list["asyncio.Future[None]"] = field(default_factory=list)
    _limbo: list[tuple[float, str, bytes]] = field(default_factory=list)

    def mood(self, kind: str) -> Mood:
        if self.lasting is not None:
            return self.lasting
        for number, (topic, mood) in enumerate(self.script):
            if self.book.is_about(topic, kind) and self.book.suits(mood, kind):
                del self.script[number]
                return mood
        return Mood.FINE

    def release(self) -> None:
        """Every answer that is held comes now."""
        for future in self._held:
            if not future.done():
                future.set_result(None)
        self._held.clear()

    def clear_up(self) -> None:
        self.script.clear()
        self.lasting = None
        self.release()

    async def hold(self) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._held.append(future)
        await future

    def lose(self, kind: str, body: bytes) -> None:
        self._limbo.append((self.clock.gone_s + LATE_S, kind, body))

    def land(self) -> None:
        """What was lost and is late arrives now, over whatever came meanwhile."""
        due = [one for one in self._limbo if one[0] <= self.clock.gone_s]
        self._limbo = [one for one in self._limbo if one not in due]
        for _, kind, body in due:
            self.book.take(kind, body, 0)


class PaperLine:
    """Takes the place of `hubs.https.line.Line` in one run of the agent."""

    def __init__(self, endpoint: Endpoint, weather: Weather, run: int) -> None:
        self._endpoint = endpoint
        self._weather = weather
        self._run = run

    async def post(self, path: str, body: bytes, *, total_s: float, body_max: int = BODY_MAX_BYTES) -> Reply | Answer:
        weather, book = self._weather, self._weather.book
        kind = book.kind_of(path, body)
        mood = weather.mood(kind)
        weather.calls += 1
        if mood is Mood.NO_ROUTE:
            return self._lost(httpx.ConnectError("no route to host"), may_have_left=False)
        book.see(kind, body, weather.clock.gone_s)
        answer = book.take(kind, body, self._run) if mood in TAKEN else None
        try:
            if mood in (Mood.SLOW, Mood.SLOW_BEFORE):
                async with asyncio.timeout(total_s):
                    await weather.hold()
        except TimeoutError as error:
            return self._lost(error, may_have_left=True)
        if mood is Mood.SLOW_BEFORE:
            answer = book.take(kind, body, self._run)
        if mood is Mood.LATE:
            weather.lose(kind, body)
        if mood in LOST:
            return self._lost(httpx.ReadTimeout("no answer"), may_have_left=True)
        if answer is not None and mood in HEARD:
            book.heard(kind, body, answer, self._run)
        return self._reply(mood, kind, body, answer)

    async def aclose(self) -> None: ...

    def _reply(self, mood: Mood, kind: str, body: bytes, answer: Told | None) -> Reply:
        book = self._weather.book
        if book.parks(answer, mood):
            self._weather.parked |= {(about, kind) for about in book.subjects(body)}
        page = book.refusal(mood, body) if answer is None else book.answer(answer, mood)
        text = page.body[: len(page.body) // 2] if mood is Mood.CUT else page.body
        return Reply(page.status, page.headers, text)

    def _lost(self, error: Exception, *, may_have_left: bool) -> Answer:
        now = datetime.fromtimestamp(self._weather.clock.wall_ms() / 1000, UTC)
        return no_reply(error, self._endpoint, may_have_left=may_have_left, now=now)
