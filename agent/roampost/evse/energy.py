"""The meter guard: no negative step, no step that the connection could not have carried, also across restarts.

A step may be as large as rated power × time since the value last *changed*, plus one display step: a coarse
meter shows nothing for minutes and then jumps 0.1 kWh at once.
"""

from dataclasses import dataclass, replace

# The coarsest display step of the meters in the field (Carlo Gavazzi, Webasto Unite: 0.1 kWh).
DISPLAY_STEP_WH = 100
# A value that repeats this often without a session is a new meter, not a glitch.
REBASE_AFTER = 3


@dataclass(frozen=True, slots=True)
class Guard:
    """What the guard remembers. changed_s is in seconds of the caller's clock; strange counts refusals in a row."""

    power_w: int
    last_wh: int | None = None
    changed_s: float = 0.0
    strange: int = 0
    strange_wh: int | None = None

    def look(self, energy_wh: int, at_s: float, *, may_rebase: bool) -> "tuple[Guard, str | None]":
        """The guard after this reading, and the sentence why it is refused (None: it is good).

        may_rebase: no session depends on the old value, so a meter that stays at a strange one is believed.
        """
        if self.last_wh is None:
            return replace(self, last_wh=energy_wh, changed_s=at_s), None
        step_wh = energy_wh - self.last_wh
        most_wh = self.power_w * max(0.0, at_s - self.changed_s) / 3600 + DISPLAY_STEP_WH
        if 0 <= step_wh <= most_wh:
            changed_s = at_s if step_wh else self.changed_s
            return replace(self, last_wh=energy_wh, changed_s=changed_s, strange=0, strange_wh=None), None
        return self._refuse(energy_wh, at_s, step_wh, most_wh, may_rebase)

    def _refuse(
        self, energy_wh: int, at_s: float, step_wh: int, most_wh: float, may_rebase: bool
    ) -> "tuple[Guard, str | None]":
        near = self.strange_wh is not None and 0 <= energy_wh - self.strange_wh <= DISPLAY_STEP_WH
        strange = self.strange + 1 if near else 1
        if may_rebase and strange >= REBASE_AFTER:
            return Guard(self.power_w, energy_wh, at_s), None
        why = f"register went from {self.last_wh} to {energy_wh} Wh ({step_wh:+d} Wh, {most_wh:.0f} Wh at most)"
        return replace(self, strange=strange, strange_wh=energy_wh), why
