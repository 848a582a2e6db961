"""A hub that speaks OICP: its sessions have its own IDs, from its yes or from its request on; each ends with End or a
record.
"""

import json
from datetime import timedelta
from decimal import Decimal

from roampost.domain.messages import EvseStatus
from roampost.hubs.remote import CancelReservation, Outcome, RemoteStart, RemoteStop, Reply, Reserve
from tests.agent.machine.moods import PAGES, PROXY_PAGE, Mood, Topic
from tests.agent.machine.oicp import schemas
from tests.agent.machine.paper import Book, Booked, Page, Remote, Told, moment

CONTRACT = "DE-DCB-C12345678-X"
_RANK = {"Start": 0, "Progress": 1, "End": 2}
_ABOUT = {
    Topic.ANY: "",
    Topic.RECORD: "Record",
    Topic.END: "NotificationEnd",
    Topic.START: "NotificationStart",
    Topic.CARD: "Authorize",
    Topic.STATUS: "Status",
}
_STATUS = {
    EvseStatus.AVAILABLE: "Available",
    EvseStatus.RESERVED: "Reserved",
    EvseStatus.OCCUPIED: "Occupied",
    EvseStatus.OUT_OF_SERVICE: "OutOfService",
    EvseStatus.UNKNOWN: "Unknown",
}
_HEADERS = {"Process-ID": "0b5d-42"}
# HTTP status and code of the acknowledgements that are no success.
_REFUSALS = {
    Mood.SYSTEM_ERROR: "001",
    Mood.CONTRADICTION: "001",
    Mood.NEW_CODE: "777",
    Mood.WRONG_CREDENTIALS: "017",
    Mood.NO_DATA: "603",
    Mood.DATA_ERROR: "022",
    Mood.CLOSED: "400",
}
_PARKING = frozenset({Mood.NEW_CODE, Mood.DATA_ERROR, Mood.MALFORMED, Mood.CLOSED})


class OicpBook(Book):
    def open(self, own_id: str, evse_id: str, how: str) -> Booked:
        count = len(self.sessions) + 1
        made = Booked(f"{self.number:08x}-0000-4000-8000-{count:012x}", own_id, evse_id, how)
        self.sessions[made.hub_session_id] = made
        return made

    # -- requests to the hub ------------------------------------------------------------------------------------

    def kind_of(self, path: str, body: bytes) -> str:
        return schemas.kind_of(path, body)

    def is_about(self, topic: Topic, kind: str) -> bool:
        return _ABOUT[topic] in kind

    def suits(self, mood: Mood, kind: str) -> bool:
        """A false "closed" about a record would be a hub that denies what it owes: no sender can guard against it."""
        if mood is Mood.LATE:
            return kind == "eRoamingPushEvseStatus"
        if mood is Mood.CLOSED:
            return kind.startswith("eRoamingChargingNotification")
        return True

    def see(self, kind: str, body: bytes, now_s: float) -> None:
        self.wrong += schemas.problems(kind, body)
        told = json.loads(body)
        for begin, end in (("SessionStart", "SessionEnd"), ("ChargingStart", "ChargingEnd")):
            if begin in told and end in told and moment(told[end]) < moment(told[begin]):
                self.wrong.append(f"it ends before it begins: {told}")
        if kind == "eRoamingChargingNotificationProgress":
            self.space(self.sessions.get(told["SessionID"]), now_s)

    def take(self, kind: str, body: bytes, run: int) -> Told:
        told = json.loads(body)
        self.taken[kind] += 1
        match kind:
            case "eRoamingPushEvseStatus":
                if told["ActionType"] == "fullLoad":
                    self.statuses.clear()
                for one in told["OperatorEvseStatus"]["EvseStatusRecord"]:
                    self.statuses[one["EvseID"]] = one["EvseStatus"]
                return _acknowledged("000")
            case "eRoamingPushEvseData":
                return _acknowledged("000")
            case "eRoamingAuthorizeStart":
                return self._authorize(told)
            case "eRoamingAuthorizeStop":
                return self._authorize_stop(told)
            case "eRoamingChargeDetailRecord":
                return self._record(told, run)
            case _:
                return self._notify(told)

    def heard(self, kind: str, body: bytes, answer: Told, run: int) -> None:
        if kind == "eRoamingAuthorizeStart" and answer.get("SessionID"):
            self.sessions[answer["SessionID"]].heard_run = run
        if kind == "eRoamingChargeDetailRecord" and answer["StatusCode"]["Code"] == "000":
            self.sessions[json.loads(body)["SessionID"]].record_heard_run = run

    def answer(self, answer: Told, mood: Mood) -> Page:
        return Page(200, json.dumps(_oddly(answer) if mood is Mood.ODDLY_FINE else answer).encode(), _HEADERS)

    def refusal(self, mood: Mood, body: bytes) -> Page:
        if mood is Mood.MALFORMED:
            complaint = {"message": "wrong", "validationErrors": [{"fieldReference": "EvseID", "errorMessage": "odd"}]}
            return Page(400, json.dumps(complaint).encode(), _HEADERS)
        if mood in PAGES:
            status, headers = PAGES[mood]
            return Page(status, PROXY_PAGE, _HEADERS | headers)
        told = schemas.read(body)
        answer = _acknowledged(_REFUSALS[mood], told if "SessionID" in told else None)
        return Page(200, json.dumps(answer | {"Result": mood is Mood.CONTRADICTION}).encode(), _HEADERS)

    def parks(self, answer: Told | None, mood: Mood) -> bool:
        return mood in _PARKING if answer is None else answer.get("Result") is False

    def subjects(self, body: bytes) -> set[str]:
        return schemas.subjects(body)

    # -- requests of the hub ------------------------------------------------------------------------------------

    def start(self, evse_id: str, who: str, *, pays: bool) -> Remote:
        session = self.open("", evse_id, "remote")
        uid, contract = ("04AA0001", None) if who == "card" else (None, CONTRACT)
        return RemoteStart(self.name, session.hub_session_id, evse_id, uid=uid, contract_id=contract)

    def reserve(self, evse_id: str, uid: str, minutes: int) -> Remote:
        session = self.open("", evse_id, "reserved")
        return Reserve(self.name, session.hub_session_id, evse_id, duration=timedelta(minutes=minutes), uid=uid)

    def again(self, evse_id: str, how: str, run: int) -> Remote | None:
        ours = [one for one in self.sessions.values() if one.evse_id == evse_id]
        if not ours:
            return None
        session = ours[-1]
        begun = session.how == ("reserved" if how == "prolong" else "remote")
        unsure = session.heard_run in (None, run)
        reserved = session.how == "reserved" and not _is_closed(session)
        if how in ("stop", "cancel") or (begun and unsure) or (how == "use" and reserved):
            return self._about(session, how)
        return None

    def _about(self, session: Booked, how: str) -> Remote:
        ids = self.name, session.hub_session_id, session.evse_id
        match how:
            case "stop":
                return RemoteStop(*ids)
            case "cancel":
                return CancelReservation(*ids)
            case "prolong":
                return Reserve(*ids, duration=timedelta(minutes=5), uid="04AA0001")
            case _:
                return RemoteStart(*ids, uid="04AA0001")

    def replied(self, command: Remote, reply: Reply, run: int) -> None:
        if not isinstance(command, RemoteStart | Reserve) or reply.outcome is not Outcome.DONE:
            return
        session = self.sessions[command.hub_session_id or ""]
        session.heard_run = run
        session.own_id = session.own_id or reply.session_id or ""

    # -- what is in it ------------------------------------------------------------------------------------------

    def shows(self, status: EvseStatus) -> str:
        return _STATUS[status]

    def energy_wh(self, record: Told) -> int:
        return _wh(record["ConsumedEnergy"])

    def is_open(self, session: Booked) -> bool:
        return not _is_closed(session)

    def was_charged(self, session: Booked) -> bool:
        return bool(session.records) or bool({"Start", "Progress"} & set(session.told))

    # -- one by one ---------------------------------------------------------------------------------------------

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
            return _acknowledged("400")
        if session.records:
            if session.own_id not in self.stirred:
                self.wrong.append(f"{told['Type']} after the record of {session.own_id}")
            return _acknowledged("400", told)
        reached = max((_RANK[one] for one in session.told if one in _RANK), default=0)
        # Trouble may be told at any time before End.
        if _RANK.get(told["Type"], 1 if reached < 2 else 0) < reached and session.own_id not in self.stirred:
            self.wrong.append(f"{told['Type']} of {session.own_id} after {session.told}")
        session.told.append(told["Type"])
        session.told_wh = _wh(told.get("ConsumedEnergyProgress", 0))
        return _acknowledged("000", told)

    def _record(self, told: Told, run: int) -> Told:
        session = self._of(told)
        if session is None:
            return _acknowledged("400")
        if session.records:
            if session.record_heard_run == run:
                self.wrong.append(f"a second record of {session.own_id} although the first one was answered")
            return _acknowledged("400", told)
        session.records.append(told)
        problem = self.spans.problem(session.own_id, told["SessionStart"], told["SessionEnd"])
        self.wrong += [] if problem is None else [problem]
        return _acknowledged("000", told)

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


def _wh(kwh: object) -> int:
    return int(Decimal(str(kwh)) * 1000)


def _is_closed(session: Booked) -> bool:
    return bool(session.records) or "End" in session.told


def _acknowledged(code: str, told: Told | None = None) -> Told:
    answer: Told = {"Result": code == "000", "StatusCode": {"Code": code, "Description": "said by the test's hub"}}
    if told is not None:
        answer |= {"SessionID": told["SessionID"], "CPOPartnerSessionID": told["CPOPartnerSessionID"]}
    return answer


def _oddly(answer: Told) -> Told:
    """The same in wrong case, with a null and a field that nobody documented."""
    return {name.lower(): value for name, value in answer.items()} | {"Surprise": None, "processId": 7}
