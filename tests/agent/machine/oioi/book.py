"""A hub that speaks OIOI: it knows a session by our ID, from the first word on it to its one record; a yes that is not
used is nothing to it. It takes a status only of a connector that it was told of.
"""

from datetime import timedelta

from roampost.domain.messages import EvseStatus
from roampost.hubs.remote import CancelReservation, Outcome, RemoteStart, RemoteStop, ReplaceCards, Reply, Reserve
from tests.agent.machine.cards import KNOWN, SECOND
from tests.agent.machine.moods import PAGES, PROXY_PAGE, Mood, Topic
from tests.agent.machine.oioi import wire
from tests.agent.machine.oioi.users import Users
from tests.agent.machine.paper import Book, Booked, Page, Remote, Told, moment
from tests.agent.machine.site import PARTNER
from tests.agent.machine.times import Spans

_RANK = {wire.STARTED: 0, wire.PROGRESS: 1, wire.PAUSED: 2}
_STATUS = {
    EvseStatus.AVAILABLE: "Available",
    EvseStatus.RESERVED: "Reserved",
    EvseStatus.OCCUPIED: "Occupied",
    EvseStatus.OUT_OF_SERVICE: "Offline",
    EvseStatus.UNKNOWN: "Unknown",
}
# A driver who may not: any of these, and the general ones in their place.
_NO = ("191", "192", "140", "193", "190", "145", "100")
_NO_CONNECTOR = ("181", "180")


class OioiBook(Book):
    def __init__(self, name: str, number: int, cards: frozenset[str], spans: Spans) -> None:
        super().__init__(name, number, cards, spans)
        contract = f"DE-8PS-C0000000{number}-X"  # one driver has both cards
        self.users = Users({KNOWN: contract, SECOND: contract})
        self.stations: dict[str, list[Told]] = {}
        self.posted: frozenset[str] = frozenset()  # the list of cards that the station has said yes to
        self.wishes: list[RemoteStart | Reserve] = []
        self._first: dict[str, Told] = {}
        self._answers = 0

    # -- requests to the hub ------------------------------------------------------------------------------------

    def kind_of(self, path: str, body: bytes) -> str:
        assert path == "", path
        return wire.kind_of(body)

    def is_about(self, topic: Topic, kind: str) -> bool:
        return kind in wire.ABOUT[topic]

    def suits(self, mood: Mood, kind: str) -> bool:
        if mood is Mood.LATE:
            return kind == wire.STATUS
        return mood is not Mood.CLOSED or kind in _RANK

    def see(self, kind: str, body: bytes, now_s: float) -> None:
        self.wrong += wire.problems(body)
        told = wire.read(body)
        if kind != wire.VERIFY and told["partner-identifier"] != PARTNER:
            self.wrong.append(f"of another partner: {told}")
        for name in ("session-interval", "charging-interval"):
            interval = told.get(name, {})
            if "stop" in interval and moment(interval["stop"]) < moment(interval["start"]):
                self.wrong.append(f"it ends before it begins: {told}")
        if kind == wire.PROGRESS:
            self.space(self.sessions.get(told["session-id"]), now_s)

    def take(self, kind: str, body: bytes, run: int) -> Told:
        told = wire.read(body)
        self.taken[kind] += 1
        self._answers += 1
        match kind:
            case wire.STATUS:
                return self._status(told)
            case wire.VERIFY:
                return self._verify(told["rfid"])
            case wire.STATION:
                return self._station(told["station"])
            case wire.RECORD:
                return self._record(told, run)
            case _:
                return self._running(kind, told)

    def heard(self, kind: str, body: bytes, answer: Told, run: int) -> None:
        if kind == wire.RECORD:
            self.sessions[wire.read(body)["session-id"]].record_heard_run = run

    def answer(self, answer: Told, mood: Mood) -> Page:
        return wire.page(answer, self._answers, odd=mood is Mood.ODDLY_FINE)

    def refusal(self, mood: Mood, body: bytes) -> Page:
        if mood in PAGES:
            status, headers = PAGES[mood]
            return Page(status, PROXY_PAGE, headers)
        self._answers += 1
        return wire.refusal(mood, self._answers)

    def parks(self, answer: Told | None, mood: Mood) -> bool:
        return answer is None and mood in wire.PARKING

    def subjects(self, body: bytes) -> set[str]:
        return wire.subjects(body)

    def forget_stations(self) -> None:
        self.stations.clear()
        self.statuses.clear()

    # -- requests of the hub ------------------------------------------------------------------------------------

    def start(self, evse_id: str, who: str, *, pays: bool) -> Remote:
        payment = f"pay-{len(self.wishes)}" if pays else None
        uid, contract, account = self.users.remote(who, len(self.wishes))
        return self._wish(
            RemoteStart(self.name, None, evse_id, uid, contract, account, provider_session_id=payment),
        )

    def reserve(self, evse_id: str, uid: str, minutes: int) -> Remote:
        contract, lasts = self.users.contracts[uid], timedelta(minutes=minutes)
        return self._wish(Reserve(self.name, None, evse_id, uid, contract, duration=lasts))

    def again(self, evse_id: str, how: str, run: int) -> Remote | None:
        """It may ask whatever it likes: who means what is the driver's business."""
        ours = [one for one in self.wishes if one.evse_id == evse_id]
        if not ours:
            return None
        last = ours[-1]
        who = last.uid, last.contract_id, last.account
        match how:
            case "stop":
                return RemoteStop(self.name, self._session_of(last), evse_id, *who)
            case "cancel":
                named = who if len(self.wishes) % 2 else ()
                return CancelReservation(self.name, None, evse_id, *named)
            case "prolong":
                return last if isinstance(last, Reserve) else None
            case _:
                return last if isinstance(last, RemoteStart) else RemoteStart(self.name, None, evse_id, *who)

    def replied(self, command: Remote, reply: Reply, run: int) -> None:
        if reply.outcome is not Outcome.DONE or not isinstance(command, RemoteStart):
            return
        own_id = reply.session_id or ""
        session = self.sessions.setdefault(own_id, Booked(own_id, own_id, command.evse_id, "remote"))
        session.heard_run = run
        if session.evse_id != command.evse_id:
            self.wrong.append(f"{command} was answered with {session}")

    def posts(self, uids: frozenset[str]) -> ReplaceCards:
        return ReplaceCards(self.name, uids)

    def listed(self, command: ReplaceCards, reply: Reply) -> None:
        """The station's word on a list."""
        if reply.outcome is not Outcome.DONE:
            self.wrong.append(f"a list was not kept: {reply}")
            return
        new = command.uids - self.posted
        if reply.new_cards != len(new):
            self.wrong.append(f"{reply.new_cards} cards are new, and not {sorted(new)}")
        self.posted = command.uids

    # -- what is in it ------------------------------------------------------------------------------------------

    def shows(self, status: EvseStatus) -> str:
        return _STATUS[status]

    def energy_wh(self, record: Told) -> int:
        return wire.watt_hours(record["energy-consumed"])

    def is_open(self, session: Booked) -> bool:
        return self.was_charged(session) and not session.records

    def was_charged(self, session: Booked) -> bool:
        return bool(session.told or session.records)

    # -- one by one ---------------------------------------------------------------------------------------------

    def _wish(self, command: RemoteStart | Reserve) -> Remote:
        self.wishes.append(command)
        self.users.asked_for(command)
        return command

    def _session_of(self, wish: RemoteStart | Reserve) -> str | None:
        """The ID that the station has told, now and then; else the driver says which session is meant."""
        ours = [one for one in self.sessions.values() if (one.how, one.evse_id) == ("remote", wish.evse_id)]
        return ours[-1].own_id if ours and len(self.wishes) % 2 else None

    def _status(self, told: Told) -> Told:
        known = {one["id"] for connectors in self.stations.values() for one in connectors}
        if told["connector-id"] not in known:
            return {"code": _NO_CONNECTOR[self._answers % 2]}
        self.statuses[told["connector-id"]] = told["status"]
        return {"code": "000"}

    def _verify(self, uid: str) -> Told:
        if uid not in self.cards:
            return {"code": _NO[self._answers % len(_NO)]}
        self.users.verified(uid)
        return {"code": "000", "evco-id": self.users.contracts[uid]}

    def _station(self, station: Told) -> Told:
        before = self.stations.get(station["id"])
        if before is not None and before != station["connectors"]:
            self.wrong.append(f"the connectors of a posted station changed: {before} to {station}")
        if station["deleted"]:
            self.stations.pop(station["id"], None)
        else:
            self.stations[station["id"]] = station["connectors"]
        return {"code": "000"}

    def _running(self, kind: str, told: Told) -> Told:
        session = self._of(told)
        reached = max((_RANK[one] for one in session.told), default=0)
        if (session.records or _RANK[kind] < reached) and session.own_id not in self.stirred:
            self.wrong.append(f"{kind} after {session}")
        session.told.append(kind)
        session.told_wh = wire.watt_hours(told.get("energy-consumed", 0))
        return {"code": "000"}

    def _record(self, told: Told, run: int) -> Told:
        session = self._of(told)
        # Its times may have been put right meanwhile, with the clock; `_of` compares the rest.
        if session.records and session.records[0]["energy-consumed"] != told["energy-consumed"]:
            self.wrong.append(f"another record of {session}: {told}")
        if session.records and session.record_heard_run == run:
            self.wrong.append(f"a second record of {session.own_id} although the first one was answered")
        if not session.records:
            session.records.append(told)
            interval = told["session-interval"]
            problem = self.spans.problem(session.own_id, interval["start"], interval["stop"])
            self.wrong += [] if problem is None else [problem]
        return {"code": "000"}

    def _of(self, told: Told) -> Booked:
        """The first word on a session opens it; what it says of user and place stays true."""
        own_id = told["session-id"]
        session = self.sessions.setdefault(own_id, Booked(own_id, own_id, told["connector-id"], "asked"))
        first = self._first.setdefault(own_id, told)
        if any(first[name] != told[name] for name in ("user", "connector-id")) or (
            session.evse_id != told["connector-id"]
        ):
            self.wrong.append(f"{told} is not about {first}, {session}")
        if not self.users.may(told["user"]):
            self.wrong.append(f"{self.name} never said yes to the user of {told}")
        return session
