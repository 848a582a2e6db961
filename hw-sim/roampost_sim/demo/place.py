"""What is true at one EVSE, and so what an app that asks something of it must be answered. Pure."""

from dataclasses import dataclass, field

from roampost_sim.demo.message import Answer


@dataclass(slots=True)
class Session:
    """A charge or a reservation, and the hub that it belongs to. medium: the card or the contract; told_as: what its
    messages name. flowed_until: when energy first stopped flowing; watched_until: when the agent that had started it
    was killed. lost: another hub said yes first; contested: another one said yes, too."""

    number: int
    medium: str
    evse: str
    hub: str = "oicp"
    told_as: str = ""
    start_wh: float | None = None
    end_wh: float | None = None
    flows_since: float | None = None
    flowed_until: float | None = None
    watched_until: float | None = None
    ended: float | None = None
    why: str = ""
    lost: bool = False
    contested: bool = False
    moments: dict[str, float] = field(default_factory=dict)

    @property
    def started(self) -> bool:
        return self.flows_since is not None

    def of(self, hub: str, medium: str) -> bool:
        return (self.hub, self.medium) == (hub, medium)


@dataclass(slots=True)
class Reservation:
    """until: when it runs out by itself."""

    session: Session
    until: float


@dataclass(slots=True)
class Place:
    """waits_since: when its car began to wait for a card. told: the status that hubs were told last."""

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

    def on_start(self, hub: str, contract: str) -> tuple[Answer, str]:
        """What a remote start by way of this hub is answered, and why."""
        if self.down:
            return Answer.DOWN, "app: out of service"
        if self.reservation is not None and not self.reservation.session.of(hub, contract):
            return Answer.KEPT, "app: reserved by another"
        if self.session is not None:
            return Answer.BUSY, "app: somebody charges"
        return (Answer.YES, "asked by app") if self.car else (Answer.EMPTY, "app: nothing plugged in")

    def on_reserve(self) -> tuple[Answer, str]:
        """What a reservation is answered, and why."""
        if self.down:
            return Answer.DOWN, "app: out of service"
        if self.reservation is not None:
            return Answer.KEPT, "app: reserved already"
        free = not self.car and self.session is None
        return (Answer.YES, "asked by app") if free else (Answer.BUSY, "app: somebody is there")

    def on_stop(self, hub: str) -> Answer:
        return Answer.YES if self.session is not None and self.session.hub == hub else Answer.NONE

    def on_cancel(self, hub: str) -> Answer:
        kept = self.reservation
        return Answer.YES if kept is not None and kept.session.hub == hub else Answer.NONE
