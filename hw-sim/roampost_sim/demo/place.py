"""What is true at one EVSE, and so what an app that asks something of it must be answered. Pure."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Session:
    """A charge or a reservation. medium: the card or the contract. flowed_until: when energy first stopped flowing;
    watched_until: when the agent that had started it was killed."""

    number: int
    medium: str
    evse: str
    start_wh: float | None = None
    end_wh: float | None = None
    flows_since: float | None = None
    flowed_until: float | None = None
    watched_until: float | None = None
    ended: float | None = None
    moments: dict[str, float] = field(default_factory=dict)

    @property
    def started(self) -> bool:
        return self.flows_since is not None


@dataclass(slots=True)
class Reservation:
    """until: when it runs out by itself."""

    session: Session
    until: float


@dataclass(slots=True)
class Place:
    """waits_since: when its car began to wait for a card."""

    name: str
    car: bool = False
    waits_since: float = 0.0
    session: Session | None = None
    reservation: Reservation | None = None
    down: set[str] = field(default_factory=set)
    told: str | None = None

    @property
    def status(self) -> str:
        if self.down:
            return "OutOfService"
        if self.car:
            return "Occupied"
        return "Reserved" if self.reservation else "Available"

    @property
    def waits(self) -> bool:
        """Whether its car waits for a card. Nobody's card opens what is reserved for a contract."""
        return self.car and not self.session and not self.down and not self.reservation

    def on_start(self, contract: str) -> tuple[str, str]:
        """The code for a remote start, and why."""
        if self.down:
            return "700", "app: out of service"
        if self.reservation is not None and self.reservation.session.medium != contract:
            return "601", "app: reserved by another"
        if self.session is not None:
            return "602", "app: somebody charges"
        return ("000", "asked by app") if self.car else ("510", "app: nothing plugged in")

    def on_reserve(self) -> tuple[str, str]:
        """The code for a reservation, and why."""
        if self.down:
            return "700", "app: out of service"
        if self.reservation is not None:
            return "601", "app: reserved already"
        free = not self.car and self.session is None
        return ("000", "asked by app") if free else ("602", "app: somebody is there")
