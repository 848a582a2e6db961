"""A moment as the agent knows it. Order is by (boot, monotonic), never by the wall clock (a Pi has none at start)."""

from pydantic import BaseModel, ConfigDict


class Stamp(BaseModel):
    """boot: id of the kernel's boot; mono_ms: milliseconds of that boot; wall_ms: Unix milliseconds as read then.

    trusted tells whether the clock was synchronized then. An untrusted stamp is corrected later from the
    boot's offset (see `clock.WallTime`), because mono_ms stays true.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    boot: str
    mono_ms: int
    wall_ms: int
    trusted: bool

    def later(self, seconds: float) -> "Stamp":
        """The moment so many seconds after this one."""
        ms = round(seconds * 1000)
        return self.model_copy(update={"mono_ms": self.mono_ms + ms, "wall_ms": self.wall_ms + ms})


def elapsed_s(since: Stamp, now: Stamp) -> float | None:
    """Seconds between two moments; None where no clock can tell (another boot, and a wall clock nobody believes)."""
    if since.boot == now.boot:
        return (now.mono_ms - since.mono_ms) / 1000
    gone_s = (now.wall_ms - since.wall_ms) / 1000
    return gone_s if since.trusted and now.trusted and gone_s >= 0 else None
