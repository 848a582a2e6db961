"""OIOI 4's five calls to an operator as commands, and the station's word as a result. Pure.

What was understood is answered with HTTP 200 and a code, also when it is refused; HTTP 400 and above say that it was
not. The body holds a result in every case. Codes of what is asked are in `codes_inbound`.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta

from roampost.config.identifiers import canonical
from roampost.hubs.base import When
from roampost.hubs.body import Members
from roampost.hubs.inbound import Asked, Denial, Said
from roampost.hubs.oioi import codes_inbound as codes
from roampost.hubs.oioi import wire_inbound as wire
from roampost.hubs.remote import (
    CancelReservation,
    Command,
    Outcome,
    RemoteStart,
    RemoteStop,
    ReplaceCards,
    Reply,
    Reserve,
)

BODY_MAX_BYTES = 1_048_576
_DENIALS = {
    Denial.NOT_ALLOWED: (401, codes.INVALID_KEY),
    Denial.NO_SUCH_PATH: (404, codes.REQUEST_ERROR),
    Denial.WRONG_METHOD: (405, codes.REQUEST_ERROR),
    Denial.TOO_LARGE: (413, codes.REQUEST_ERROR),
    Denial.TOO_MANY: (429, codes.REQUEST_ERROR),
    Denial.BUSY: (503, codes.SYSTEM_ERROR),
    Denial.BROKEN: (500, codes.SYSTEM_ERROR),
}


class OioiInbound:
    """The Dialect of one OIOI hub: one path, and the body names the call.

    evse_ids: those that are on this hub, as configured. reservation: how long one lasts, because the hub does not say.
    """

    paths = ("",)

    def __init__(
        self,
        hub: str,
        evse_ids: Iterable[str],
        *,
        partner_identifier: str,
        reservation: timedelta,
        when: When,
        body_max_bytes: int = BODY_MAX_BYTES,
    ) -> None:
        self.hub = hub
        self.body_max_bytes = body_max_bytes
        self._evses = {canonical(one): one for one in evse_ids}
        self._partner = partner_identifier
        self._reservation = reservation
        self._when = when

    def read(self, path: str, parameters: Mapping[str, str], body: bytes) -> Asked | Said:
        try:
            name, of = wire.call(body)
            if name == "rfid-post":
                return self._cards(of)
            if name not in _READERS:
                raise wire.MalformedError("this call is not known here")
            given = wire.required(of, "connector-id")
            known = self._evses.get(canonical(given))
            asked = Asked(_READERS[name](self.hub, known or given, of, self._reservation))
        except wire.MalformedError as error:
            return _said(400, codes.INVALID_FORMAT, str(error))
        return asked if known else self.answer(asked, Reply(Outcome.UNKNOWN_EVSE, "not on this hub"))

    def _cards(self, of: Members) -> Asked | Said:
        cards = ReplaceCards(self.hub, wire.rfids(of))
        if wire.required(of, "partner-identifier") != self._partner:
            return _said(200, codes.INVALID_PARTNER)
        return Asked(cards)

    def answer(self, asked: Asked, reply: Reply) -> Said:
        code = codes.code_of(asked.command, reply)
        done = self._done(asked.command, reply) if reply.outcome is Outcome.DONE else {}
        return _said(200, code, None, done)

    def _done(self, command: Command, reply: Reply) -> dict[str, object]:
        match command:
            case RemoteStart() if reply.session_id is not None:
                return {"session-start": {"session-id": reply.session_id, "is-stoppable": True}}
            case Reserve() if reply.until is not None:
                return {"reservation-start": {"end": self._when(reply.until).isoformat(timespec="seconds")}}
            case ReplaceCards():
                return {"rfid": {"processed": reply.new_cards or 0}}
            case _:
                return {}

    def deny(self, denial: Denial) -> Said:
        status, code = _DENIALS[denial]
        return _said(status, code, f"{denial.value}.".capitalize())


def _start(hub: str, evse_id: str, of: Members, _: timedelta) -> Command:
    who = wire.user(of)
    payment = wire.text(of, "payment-reference")
    return RemoteStart(hub, None, evse_id, who.uid, who.contract_id, who.account, provider_session_id=payment)


def _stop(hub: str, evse_id: str, of: Members, _: timedelta) -> Command:
    who = wire.user(of)
    return RemoteStop(hub, wire.text(of, "session-id"), evse_id, who.uid, who.contract_id, who.account)


def _reserve(hub: str, evse_id: str, of: Members, lasts: timedelta) -> Command:
    who = wire.reserved_for(of)
    return Reserve(hub, None, evse_id, who.uid, who.contract_id, duration=lasts)


def _cancel(hub: str, evse_id: str, of: Members, _: timedelta) -> Command:
    """Whom it was kept for is not among what the specification prescribes here; where it is told, it counts."""
    who = wire.User() if of.get("identifier") is None else wire.reserved_for(of)
    return CancelReservation(hub, None, evse_id, who.uid, who.contract_id)


_READERS: Mapping[str, Callable[[str, str, Members, timedelta], Command]] = {
    "session-start": _start,
    "session-stop": _stop,
    "reservation-start": _reserve,
    "reservation-stop": _cancel,
}


def _said(status: int, code: int, message: str | None = None, more: Members | None = None) -> Said:
    told = {**(more or {}), "result": {"code": code, "message": message or codes.TEXTS[code]}}
    return Said(status, json.dumps(told).encode("ascii"))
