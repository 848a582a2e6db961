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
