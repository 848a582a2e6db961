"""The hub's word on a card, read from its answer. Anything that is not clearly yes or no is NO_ANSWER. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from roampost.hubs.base import Answer, Arrival, Authorization, Decision
from roampost.hubs.oicp.answers import Said, json_object, read
from roampost.hubs.oicp.codes import Sort
from roampost.hubs.oicp.verdicts import judge, row_of, sentence
from roampost.hubs.oicp.wire import SESSION_ID, UID

# NotAuthorized with one of these is trouble between the hub and a provider, not a provider's no.
_NO_DECISION = (Sort.RETRY, Sort.HOLD)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the answer is held against. hub_session_id is None when the question is whether to start."""

    session_id: str
    hub_session_id: str | None = None


def decide(asked: Asked, http_status: int, headers: Mapping[str, str], body: bytes | None) -> Authorization:
    top = json_object(body)
    said = read(body)
    sort = row_of(said.code).sort
    if http_status >= 500 or http_status == 408:
        return _by_http(asked, http_status, headers, body)
    if sort is Sort.NOT_AUTHORIZED and top is not None and top.get("authorizationstatus") != "Authorized":
        return _held_against(asked, top, _no(said))
    if not 200 <= http_status < 300:
        return _by_http(asked, http_status, headers, body)
    if top is None:
        return _unclear(asked, "The hub's answer on the card could not be read.")
    return _held_against(asked, top, _by_status(asked, top, said))


def lost(asked: Asked, answer: Answer) -> Authorization:
    """The question had no answer at all; answer tells why."""
    return Authorization(
        Decision.NO_ANSWER, answer.text, maybe_open=_may_open(asked) and answer.arrival is Arrival.MAYBE
    )


def _by_status(asked: Asked, top: Mapping[str, object], said: Said) -> Authorization:
    row = row_of(said.code)
    match top.get("authorizationstatus"):
        case "Authorized" if said.code in (None, "000"):
            return _yes(asked, top)
        case "Authorized":
            return _unclear(asked, f"The hub says Authorized and contradicts itself with code {said.code}.", said.code)
        case "NotAuthorized" if row.sort in _NO_DECISION:
            return Authorization(Decision.NO_ANSWER, sentence(row, said.words), code=said.code)
        case "NotAuthorized":
            return _no(said)
        case None if said.code is not None and row.sort is not Sort.DONE:
            return Authorization(Decision.NO_ANSWER, sentence(row, said.words), code=said.code)
        case _:
            return _unclear(asked, "The hub's answer on the card says neither yes nor no.", said.code)


def _yes(asked: Asked, top: Mapping[str, object]) -> Authorization:
    given = top.get("sessionid")
    if given is None and asked.hub_session_id is not None:
        given = asked.hub_session_id
    if not isinstance(given, str) or not re.fullmatch(SESSION_ID, given):
        return _unclear(asked, "The hub authorizes but gives no valid SessionID, so the session could not be billed.")
    if asked.hub_session_id is not None and given.lower() != asked.hub_session_id.lower():
        return _unclear(asked, "The hub's answer on the card is about another session.")
    provider = top.get("providerid")
    return Authorization(
        Decision.YES,
        "The hub authorizes the card.",
        hub_session_id=given,
        provider_id=provider[:20] if isinstance(provider, str) else None,
        stop_uids=_stop_uids(top.get("authorizationstopidentifications")),
        code="000",
    )


def _no(said: Said) -> Authorization:
    if said.code in (None, "000"):
        return Authorization(Decision.NO, "The hub does not authorize the card.", code=said.code)
    return Authorization(Decision.NO, sentence(row_of(said.code), said.words), code=said.code)


def _held_against(asked: Asked, top: Mapping[str, object], outcome: Authorization) -> Authorization:
    ours = top.get("cpopartnersessionid")
    if ours in (None, "", asked.session_id):
        return outcome
    return _unclear(asked, "The hub's answer on the card carries another CPOPartnerSessionID than ours.")


def _by_http(asked: Asked, status: int, headers: Mapping[str, str], body: bytes | None) -> Authorization:
    # retry_after_s is not used for a question with a person waiting, so that the clock does not matter here.
    now = datetime.fromtimestamp(0, UTC)
    answer = judge("authorize", status, headers, body, maybe_arrived=False, now=now)
    # Behind a failing gateway the provider may have opened the session all the same.
    maybe_open = answer.arrival is Arrival.MAYBE or status >= 500
    return Authorization(Decision.NO_ANSWER, answer.text, code=answer.code, maybe_open=_may_open(asked) and maybe_open)


def _unclear(asked: Asked, text: str, code: str | None = None) -> Authorization:
    return Authorization(Decision.NO_ANSWER, text, code=code, maybe_open=_may_open(asked))


def _may_open(asked: Asked) -> bool:
    """Only the question whether to start can open a session at the hub."""
    return asked.hub_session_id is None


def _stop_uids(listed: object) -> tuple[str, ...]:
    """UIDs of the cards that may stop the session too; other media cannot be read by a card reader."""
    found: dict[str, None] = {}
    for medium in listed if isinstance(listed, list) else ():
        for name in ("RFIDMifareFamilyIdentification", "RFIDIdentification"):
            card = medium.get(name) if isinstance(medium, dict) else None
            uid = card.get("UID") if isinstance(card, dict) else None
            if isinstance(uid, str) and re.fullmatch(UID, uid.upper()):
                found[uid.upper()] = None
    return tuple(found)
