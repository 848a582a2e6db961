"""What a hub keeps: who may charge, the sessions it has opened, what it was told of them, and the statuses.

Everything that a hub would mind is written to `wrong` as it happens.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.agent.machine import schemas
from tests.agent.machine.times import Spans

Told = dict[str, Any]
_RANK = {"Start": 0, "Progress": 1, "End": 2}
PROGRESS_APART_S = 300.0


@dataclass
class Booked:
    """A session at the hub. heard_run: the run of the agent that heard of it; None: nobody ever did."""

    hub_session_id: str
    own_id: str
    evse_id: str
    how: str
    heard_run: int | None = None
    told: list[str] = field(default_factory=list)
    records: list[Told] = field(default_factory=list)
    record_heard_run: int | None = None
    progress_s: float | None = None

    @property
    def closed(self) -> bool:
        return bool(self.records) or "End" in self.told


class Book:
    def __init__(self, name: str, number: int, cards: frozenset[str], spans: Spans) -> None:
        self.name = name
        self.cards = cards
        self.stop_cards: frozenset[str] = frozenset()
        self.sessions: dict[str, Booked] = {}
        self.statuses: dict[str, str] = {}
        self.wrong: list[str] = []
        self.taken: Counter[str] = Counter()
        self.stirred: set[str] = set()  # sessions of which a person had something sent again
        self._number = number
        self._spans = spans

    def open(self, own_id: str, evse_id: str, how: str) -> Booked:
        count = len(self.sessions) + 1
        made = Booked(f"{self._number:08x}-0000-4000-8000-{count:012x}", own_id, evse_id, how)
        self.sessions[made.hub_session_id] = made
        return made

    def see(self, kind: str, body: bytes, now_s: float) -> None:
        """A request has reached the hub, whatever becomes of it."""
        self.wrong += schemas.problems(kind, body)
        told = json.loads(body)
        for begin, end in (("SessionStart", "SessionEnd"), ("ChargingStart", "ChargingEnd")):
            if begin in told and end in told and _moment(told[end]) < _moment(told[begin]):
                self.wrong.append(f"it ends before it begins: {told}")
        if kind == "eRoamingChargingNotificationProgress":
            self._space(told["SessionID"], now_s)

    def take(self, kind: str, body: bytes, run: int) -> Told:
        """Process a request; the answer as the hub means it."""
        told = json.loads(body)
        self.taken[kind] += 1
        match kind:
            case "eRoamingPushEvseStatus":
                if told["ActionType"] == "fullLoad":
                    self.statuses.clear()
                for one in told["OperatorEvseStatus"]["EvseStatusRecord"]:
                    self.statuses[one["EvseID"]] = one["EvseStatus"]
                return acknowledged("000")
            case "eRoamingAuthorizeStart":
                return self._authorize(told)
            case "eRoamingAuthorizeStop":
                return self._authorize_stop(told)
            case "eRoamingChargeDetailRecord":
                return self._record(told, run)
            case _:
                return self._notify(told)

    def heard(self, kind: str, body: bytes, answer: Told, run: int) -> None:
        """The agent of this run has read the answer."""
        if kind == "eRoamingAuthorizeStart" and answer.get("SessionID"):
            self.sessions[answer["SessionID"]].heard_run = run
        if kind == "eRoamingChargeDetailRecord" and answer["StatusCode"]["Code"] == "000":
            self.sessions[json.loads(body)["SessionID"]].record_heard_run = run

    # -- requests -----------------------------------------------------------------------------------------------

    def _authorize(self, told: Told) -> Told:
        if told["Identification"]["RFIDMifareFamilyIdentification"]["UID"] not in self.cards:
            return {"AuthorizationStatus": "NotAuthorized", "StatusCode": {"Code": "102"}}
        made = self.open(told["CPOPartnerSessionID"], told["EvseID"], "asked")
        return {
            "AuthorizationStatus": "Authorized",
            "StatusCode": {"Code": "000"},
            "SessionID": made.hub_session_id,
            "CPOPartnerSessionID": made.own_id,
            "ProviderID": "DE-DCB",
            "AuthorizationStopIdentifications": [
                {"RFIDMifareFamilyIdentification": {"UID": uid}} for uid in sorted(self.stop_cards)
            ],
        }

    def _authorize_stop(self, told: Told) -> Told:
        known = self.sessions.get(told["SessionID"])
        if known is None:
            self.wrong.append(f"stop of a session that {self.name} never gave: {told}")
        card = told["Identification"]["RFIDMifareFamilyIdentification"]["UID"]
        word = "Authorized" if known is not None and card in self.cards else "NotAuthorized"
        return {
            "AuthorizationStatus": word,
            "StatusCode": {"Code": "000" if word == "Authorized" else "102"},
            "SessionID": told["SessionID"],
            "CPOPartnerSessionID": told["CPOPartnerSessionID"],
        }

    def _notify(self, told: Told) -> Told:
        session = self._of(told)
        if session is None:
            return acknowledged("400")
        if session.records:
            if session.own_id not in self.stirred:
                self.wrong.append(f"{told['Type']} after the record of {session.own_id}")
            return acknowledged("400", told)
        reached = max((_RANK[one] for one in session.told if one in _RANK), default=0)
        # Trouble may be told at any time before End.
        if _RANK.get(told["Type"], 1 if reached < 2 else 0) < reached and session.own_id not in self.stirred:
            self.wrong.append(f"{told['Type']} of {session.own_id} after {session.told}")
        session.told.append(told["Type"])
        return acknowledged("000", told)

    def _record(self, told: Told, run: int) -> Told:
        session = self._of(told)
        if session is None:
            return acknowledged("400")
        if session.records:
            if session.record_heard_run == run:
                self.wrong.append(f"a second record of {session.own_id} although the first one was answered")
            return acknowledged("400", told)
        session.records.append(told)
        problem = self._spans.problem(session.own_id, told["SessionStart"], told["SessionEnd"])
        self.wrong += [] if problem is None else [problem]
        return acknowledged("000", told)

    def _of(self, told: Told) -> Booked | None:
        session = self.sessions.get(told["SessionID"])
        if session is None:
            self.wrong.append(f"a session that {self.name} never gave: {told}")
        elif session.evse_id != told["EvseID"]:
            self.wrong.append(f"{told} is not about {session}")
        elif session.own_id == "":
            session.own_id = told["CPOPartnerSessionID"]
        elif session.own_id != told["CPOPartnerSessionID"]:
            self.wrong.append(f"{told} is not about {session}")
        return session

    def _space(self, hub_session_id: str, now_s: float) -> None:
        session = self.sessions.get(hub_session_id)
        if session is None:
            return
        if session.progress_s is not None and now_s - session.progress_s < PROGRESS_APART_S:
            self.wrong.append(f"Progress of {session.own_id} after {now_s - session.progress_s:.1f} s")
        session.progress_s = now_s


def acknowledged(code: str, told: Told | None = None) -> Told:
    answer: Told = {"Result": code == "000", "StatusCode": {"Code": code, "Description": "said by the test's hub"}}
    if told is not None:
        answer |= {"SessionID": told["SessionID"], "CPOPartnerSessionID": told["CPOPartnerSessionID"]}
    return answer


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
