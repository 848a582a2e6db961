"""OICP 2.3's four requests to an operator as commands, and the station's word as an acknowledgement. Pure.

What was understood is answered with HTTP 200 and a code, also when it is refused; HTTP 400 and above say that it was
not. The body is an acknowledgement in every case. Facts: OICP 2.3 (CPO), "Operations" and "Status codes".
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from roampost.config.identifiers import canonical, plain
from roampost.hubs.body import Members
from roampost.hubs.inbound import Asked, Denial, Said
from roampost.hubs.oicp import wire_inbound as wire
from roampost.hubs.remote import CancelReservation, Command, Outcome, RemoteStart, RemoteStop, Reply, Reserve

REMOTE_START = "/charging/v21/providers/{provider_id}/authorize-remote/start"
REMOTE_STOP = "/charging/v21/providers/{provider_id}/authorize-remote/stop"
RESERVATION_START = "/reservation/v11/providers/{provider_id}/reservation-start-request"
RESERVATION_STOP = "/reservation/v11/providers/{provider_id}/reservation-stop-request"

_DATA_ERROR = "022"
_TEXTS = {
    "000": "Success.",
    "017": "Unauthorized access.",
    "021": "System error.",
    "022": "Data error.",
    "320": "Service not available.",
    "400": "Session is invalid.",
    "501": "Communication to EVSE failed.",
    "510": "No EV connected to EVSE.",
    "601": "EVSE already reserved.",
    "602": "EVSE already in use/ wrong token.",
    "603": "Unknown EVSE ID.",
    "700": "EVSE out of service.",
}
# 604 (not Hubject compatible) would be near for REFUSED, but it is the hub's word about data that it holds.
CODES = {
    Outcome.DONE: "000",
    Outcome.UNREACHABLE: "501",
    Outcome.NO_VEHICLE: "510",
    Outcome.RESERVED: "601",
    Outcome.IN_USE: "602",
    Outcome.UNKNOWN_EVSE: "603",
    Outcome.OUT_OF_SERVICE: "700",
    Outcome.NO_SESSION: "400",
    Outcome.REFUSED: "320",
    Outcome.LATE: "021",
    Outcome.FAILED: "021",
}
_DENIALS = {
    Denial.NOT_ALLOWED: (401, "017"),
    Denial.NO_SUCH_PATH: (404, _DATA_ERROR),
    Denial.WRONG_METHOD: (405, _DATA_ERROR),
    Denial.TOO_LARGE: (413, _DATA_ERROR),
    Denial.TOO_MANY: (429, "320"),
    Denial.BUSY: (503, "320"),
    Denial.BROKEN: (500, "021"),
}


class OicpInbound:
    """The Dialect of one OICP hub. evse_ids: those that are on this hub, as configured."""

    body_max_bytes = None
    paths = (REMOTE_START, REMOTE_STOP, RESERVATION_START, RESERVATION_STOP)

    def __init__(self, hub: str, evse_ids: Iterable[str]) -> None:
        self.hub = hub
        self._evses = {canonical(one): one for one in evse_ids}

    def read(self, path: str, parameters: Mapping[str, str], body: bytes) -> Asked | Said:
        try:
            top = wire.members(body)
            head = wire.head(top)
            if plain(parameters["provider_id"]) != plain(head.provider_id):
                raise wire.MalformedError("ProviderID is another one than in the path")
            known = self._evses.get(canonical(head.evse_id))
            asked = Asked(_READERS[path](self.hub, replace(head, evse_id=known or head.evse_id), top), _echo(head))
        except wire.MalformedError as error:
            return _said(400, _DATA_ERROR, {}, str(error))
        return asked if known else self.answer(asked, Reply(Outcome.UNKNOWN_EVSE, "not on this hub"))

    def answer(self, asked: Asked, reply: Reply) -> Said:
        ours = {} if reply.session_id is None else {"CPOPartnerSessionID": reply.session_id}
        return _said(200, CODES[reply.outcome], {**asked.echo, **ours})

    def deny(self, denial: Denial) -> Said:
        status, code = _DENIALS[denial]
        return _said(status, code, {}, denial.value)


def _remote_start(hub: str, head: wire.Head, top: Members) -> Command:
    who = wire.driver(top)
    return RemoteStart(
        hub,
        head.session_id,
        head.evse_id,
        uid=who.uid,
        contract_id=who.contract_id,
        product_id=who.product_id,
        provider_session_id=head.provider_session_id,
    )


def _remote_stop(hub: str, head: wire.Head, _: Members) -> Command:
    return RemoteStop(hub, head.session_id, head.evse_id)


def _reserve(hub: str, head: wire.Head, top: Members) -> Command:
    who = wire.driver(top)
    return Reserve(
        hub,
        head.session_id,
        head.evse_id,
        duration=wire.duration(top),
        uid=who.uid,
        contract_id=who.contract_id,
        product_id=who.product_id,
        provider_session_id=head.provider_session_id,
    )


def _cancel(hub: str, head: wire.Head, _: Members) -> Command:
    return CancelReservation(hub, head.session_id, head.evse_id)


_READERS: Mapping[str, Callable[[str, wire.Head, Members], Command]] = {
    REMOTE_START: _remote_start,
    REMOTE_STOP: _remote_stop,
    RESERVATION_START: _reserve,
    RESERVATION_STOP: _cancel,
}


def _echo(head: wire.Head) -> dict[str, str]:
    given = {"SessionID": head.session_id, "EMPPartnerSessionID": head.provider_session_id}
    return {name: value for name, value in given.items() if value is not None}


def _said(status: int, code: str, sessions: Mapping[str, str], more: str | None = None) -> Said:
    info = {} if more is None else {"AdditionalInfo": more}
    told = {"Result": code == "000", "StatusCode": {"Code": code, "Description": _TEXTS[code], **info}, **sessions}
    return Said(status, json.dumps(told).encode("ascii"))
