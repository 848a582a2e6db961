"""Progress notifications: of each session only the newest waits, in memory, and it is shed first. Pure.

A hub wants them some minutes apart, and only between Start and End. Nothing of this is stored:
after a restart a session that began before it waits for a whole interval first. Times are monotonic milliseconds.
"""

from roampost.domain.messages import ProgressMessage

# More sessions than EVSEs at any station; the oldest offer goes.
_MOST = 128


class Progress:
    """begun_ms and boot: when, and in which boot, this process began."""

    def __init__(self, *, first_s: float, every_s: float, begun_ms: int, boot: str) -> None:
        self._first_ms, self._every_ms = round(1000 * first_s), round(1000 * every_s)
        self._begun_ms, self._boot = begun_ms, boot
        self._newest: dict[str, ProgressMessage] = {}
        self._started: dict[str, str | None] = {}
        self._attempted_ms: dict[str, int] = {}

    def offer(self, message: ProgressMessage) -> None:
        """Instead of what this session had to say before."""
        self._newest.pop(message.session.session_id, None)
        self._newest[message.session.session_id] = message
        if len(self._newest) > _MOST:
            del self._newest[next(iter(self._newest))]

    def started(self, session_id: str, hub_session_id: str | None) -> None:
        """The hub has its Start; hub_session_id where it came late."""
        self._started[session_id] = hub_session_id

    def over(self, session_id: str) -> None:
        """Its End is told, or will be: no word of it in between any more."""
        for known in (self._newest, self._started, self._attempted_ms):
            known.pop(session_id, None)

    def due(self, now_ms: int) -> list[ProgressMessage]:
        """What may be sent now, the longest due first."""
        found = [(due_ms, session_id) for session_id, due_ms in self._due_ms() if due_ms <= now_ms]
        return [self._filled_in(session_id) for _, session_id in sorted(found)]

    def next_due_ms(self, now_ms: int) -> int | None:
        return min((due_ms for _, due_ms in self._due_ms() if due_ms > now_ms), default=None)

    def attempted(self, session_id: str, now_ms: int) -> None:
        """It leaves, and is forgotten whatever becomes of it."""
        self._newest.pop(session_id, None)
        self._attempted_ms[session_id] = now_ms

    def _due_ms(self) -> list[tuple[str, int]]:
        return [(one, self._due(one, message)) for one, message in self._newest.items() if one in self._started]

    def _due(self, session_id: str, message: ProgressMessage) -> int:
        began = message.charging_start
        if session_id in self._attempted_ms:
            return self._attempted_ms[session_id] + self._every_ms
        if began.boot == self._boot and began.mono_ms >= self._begun_ms:
            return began.mono_ms + self._first_ms
        return self._begun_ms + self._every_ms

    def _filled_in(self, session_id: str) -> ProgressMessage:
        message = self._newest[session_id]
        if message.session.hub_session_id is not None:
            return message
        session = message.session.model_copy(update={"hub_session_id": self._started[session_id]})
        return message.model_copy(update={"session": session})
