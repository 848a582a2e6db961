"""The few differences between protocols that the demo must know; all else of it is the same for every hub. Pure.

A hub of the demo is called by its protocol. Messages are in the words of message.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from roampost_sim.demo.message import CANCEL, RESERVE, START, STOP, Answer
from roampost_sim.errors import SimError


@dataclass(frozen=True, slots=True)
class Protocol:
    """How one protocol differs from another.

    prefix: under which path the agent is called.
    unknown_card: the hub's code for a card that nobody knows.
    answers: the agent's code, by what an app asks and what is true.
    data: what the hub is told of the EVSEs, in a word.
    silent: messages that it has no word for.
    records_reservations: whether a reservation ends with a record.
    registers: the wire names of what the meter showed at the start and at the end, where that is told.
    asks_in_session: whether the question about a card names EVSE and session, and the hub's yes gives the session its
    ID; else the session's first message does.
    names_contract: whether the hub's yes names the card's contract, which all that follows is told of.
    dates_progress: whether a word of a running charge says when it was true.
    names_minutes: whether an app says for how long it reserves; else the agent does.
    """

    prefix: str
    unknown_card: str
    answers: Mapping[str, Mapping[Answer, str]]
    data: str = "EVSE data"
    silent: frozenset[str] = frozenset()
    records_reservations: bool = True
    registers: tuple[str, str] | None = None
    asks_in_session: bool = True
    names_contract: bool = False
    dates_progress: bool = True
    names_minutes: bool = True

    def card(self, uid: str, contract: str) -> list[str]:
        """A card on the hub's command line."""
        return ["--card", f"{uid}={contract}" if self.names_contract else uid]

    def code(self, asked: str, answer: Answer) -> str:
        return self.answers[asked][answer]


_OICP = {Answer.YES: "000", Answer.EMPTY: "510", Answer.KEPT: "601", Answer.BUSY: "602", Answer.DOWN: "700"}
_OICP_OVER = {Answer.YES: "000", Answer.NONE: "400"}

PROTOCOLS: Mapping[str, Protocol] = {
    "oicp": Protocol(
        prefix="/api/oicp",
        unknown_card="102",
        answers={START: _OICP, RESERVE: _OICP, STOP: _OICP_OVER, CANCEL: _OICP_OVER},
        registers=("MeterValueStart", "MeterValueEnd"),
    ),
    "oioi": Protocol(
        prefix="/api/v4/request",
        unknown_card="191",
        answers={
            START: {
                Answer.YES: "011",
                Answer.EMPTY: "321",
                Answer.KEPT: "320",
                Answer.BUSY: "320",
                Answer.DOWN: "310",
            },
            RESERVE: {Answer.YES: "000", Answer.KEPT: "323", Answer.BUSY: "323", Answer.DOWN: "330"},
            STOP: {Answer.YES: "000", Answer.NONE: "182"},
            CANCEL: {Answer.YES: "000", Answer.NONE: "189"},
        },
        data="station",
        # A charge that is over is told by its record.
        silent=frozenset({"End", "Error"}),
        records_reservations=False,
        asks_in_session=False,
        names_contract=True,
        dates_progress=False,
        names_minutes=False,
    ),
}


@dataclass(frozen=True, slots=True)
class Hub:
    """A hub that plays. cards: the UIDs that it says yes to, each with its contract."""

    name: str
    cards: Mapping[str, str]

    @property
    def protocol(self) -> Protocol:
        return PROTOCOLS[self.name]


def playing(text: str) -> tuple[str, ...]:
    """The hubs of a list such as oicp,oioi. SimError: one sentence."""
    names = tuple(name.strip() for name in text.split(","))
    wrong = next((name for name in names if name not in PROTOCOLS or names.count(name) > 1), None)
    if wrong is not None:
        why = "is there twice" if wrong in PROTOCOLS else "is none that the demo can play"
        raise SimError(f"the hubs '{text}': '{wrong}' {why}; give one or more of {','.join(PROTOCOLS)}")
    return names


def whose(hub: str | None, names: Sequence[str]) -> tuple[str, ...]:
    """The hubs that a card or an app belongs to: to all where it names none, to the first where its own is not here."""
    if hub is None:
        return tuple(names)
    return (hub,) if hub in names else (names[0],)
