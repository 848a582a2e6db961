"""The story of a day (TOML): steps that do something to station, hub or agent, and waits. Checked whole before it runs.

The file's own head (`day.toml`) explains its keys.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError

from roampost_sim.commands import COMMANDS, Command, Hex
from roampost_sim.demo.protocols import Hub, whose
from roampost_sim.errors import PlanError
from roampost_sim.plan import Plan, problems, read_toml
from roampost_sim.station_file import StationPlan, load_station

HubName = Literal["oicp", "oioi"]
# Of a reservation where nobody says how long it is.
MINUTES = 15
DAY = Path(__file__).with_name("day.toml")
Message = Literal[
    "Available", "Occupied", "Reserved", "OutOfService", "Unknown",
    "EVSE data", "authorization", "Start", "Progress", "Error", "End", "CDR",
]  # fmt: skip


class HubDeed(Plan):
    """refuse: the network fails, nothing reaches the hub any more · clear: it is back. Of several hubs, the first."""

    do: Literal["refuse", "clear"]


class AppAsks(Plan):
    """An app asks by way of its hub: to start a charge · to keep the EVSE for so many minutes."""

    do: Literal["remote_start", "reserve"]
    evse: str
    contract: str
    minutes: int = Field(default=MINUTES, ge=1, le=99)
    hub: HubName | None = None


class AppEnds(Plan):
    """An app ends the charge that it started at this EVSE · the reservation."""

    do: Literal["remote_stop", "cancel_reservation"]
    evse: str


AppDeed = AppAsks | AppEnds


class AgentDeed(Plan):
    """start: a new process · kill: SIGKILL, as a power cut ends it."""

    do: Literal["start", "kill"]


class _Wait(Plan):
    most_s: float = Field(default=30.0, gt=0)


class HubWait(_Wait):
    wait: Literal["hub"]
    evse: str
    message: Message
    times: int = Field(default=1, ge=1)


class StationWait(_Wait):
    wait: Literal["station"]
    evse: str
    event: str
    times: int = Field(default=1, ge=1)


class OtherWait(_Wait):
    wait: Literal["agent", "inbound", "caught_up"]


Wait = HubWait | StationWait | OtherWait


@dataclass(frozen=True, slots=True)
class Step:
    """One step; `act` is a deed (a Command for the station, else one for the hub or the agent) or a Wait."""

    after_s: float
    say: str | None
    act: Command | HubDeed | AppDeed | AgentDeed | Wait


class Card(Plan):
    """A card that a provider says yes to. hub: where that provider is; without one, it is at every hub."""

    uid: Hex
    hub: HubName | None = None

    @property
    def contract(self) -> str:
        return f"DE-8EO-C{self.uid[-8:]}-X"


@dataclass(frozen=True, slots=True)
class Story:
    name: str
    station_file: Path
    station: StationPlan
    cards: tuple[Card, ...]
    steps: tuple[Step, ...]

    def hubs(self, names: Sequence[str]) -> tuple[Hub, ...]:
        """Those that play it, each with the cards of its providers."""
        mine = {name: [card for card in self.cards if name in whose(card.hub, names)] for name in names}
        return tuple(Hub(name, {card.uid: card.contract for card in cards}) for name, cards in mine.items())


def _card(given: Any) -> Any:
    """A UID alone is a card, too."""
    return {"uid": given} if isinstance(given, str) else given


class _File(Plan):
    name: str
    station: str
    cards: tuple[Annotated[Card, BeforeValidator(_card)], ...] = ()
    step: list[dict[str, Any]] = Field(min_length=1)


class _Head(Plan):
    after: float = Field(default=0.0, ge=0, le=600)
    say: str | None = None
    on: Literal["station", "hub", "agent"] = "station"


_OWN_KEYS = frozenset(_Head.model_fields)
_WAITS: TypeAdapter[Wait] = TypeAdapter(Annotated[Wait, Field(discriminator="wait")])
_DEEDS: dict[str, TypeAdapter[Any]] = {
    "station": COMMANDS,
    "hub": TypeAdapter(Annotated[HubDeed | AppDeed, Field(discriminator="do")]),
    "agent": TypeAdapter(AgentDeed),
}


def load_story(file: Path) -> Story:
    """PlanError, with file and key, when the story or its station is wrong."""
    content = read_toml(file)
    try:
        given = _File.model_validate(content)
    except ValidationError as error:
        where, problem = problems(error, content)[0]
        raise PlanError(file, where, problem) from error
    station_file = file.parent / given.station
    station = load_station(station_file)
    steps = tuple(_step(file, number, one) for number, one in enumerate(given.step, start=1))
    for number, step in enumerate(steps, start=1):
        _check_names(file, number, step, station)
    return Story(given.name, station_file, station, given.cards, steps)


def _step(file: Path, number: int, given: dict[str, Any]) -> Step:
    rest = {key: value for key, value in given.items() if key not in _OWN_KEYS}
    try:
        head = _Head.model_validate({key: value for key, value in given.items() if key in _OWN_KEYS})
        vocabulary = _WAITS if "wait" in given else _DEEDS[head.on]
        return Step(head.after, head.say, vocabulary.validate_python(rest))
    except ValidationError as error:
        key, problem = problems(error, given)[0]
        raise PlanError(file, f"step {number}.{key}".rstrip("."), problem) from error


def _check_names(file: Path, number: int, step: Step, station: StationPlan) -> None:
    """A name that leads nowhere is found before the day begins, not in its middle."""
    known: dict[str, Collection[str]] = {
        "evse": station.evses,
        "car": station.cars,
        "contact": station.contacts,
        "reader": station.readers,
        "line": [*station.lines, *station.readers],
    }
    for key, names in known.items():
        name = getattr(step.act, key, None)
        if name is not None and name not in names:
            raise PlanError(file, f"step {number}.{key}", f"there is no '{name}'; known are {', '.join(names)}")
