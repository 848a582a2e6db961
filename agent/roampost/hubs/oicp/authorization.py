"""The hub's word on a card, read from its answer. Anything that is not clearly yes or no is NO_ANSWER. Pure.

The same answer to a late question, which waited in the outbox, is a verdict on that message (`judge_late`).
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from roampost.hubs.base import Answer, Arrival, Authorization, Decision, Verdict
from roampost.hubs.hostile import json_object, lowered, word
from roampost.hubs.oicp.answers import CARD_MEDIA, About, Said, clean_uid, read
from roampost.hubs.oicp.codes import Sort
from roampost.hubs.oicp.verdicts import HTTP, judge, row_of, safe_process_id, sentence
from roampost.hubs.oicp.wire import SESSION_ID

# NotAuthorized with one of these is trouble between the hub and a provider, not a provider's no.
_NO_DECISION = (Sort.RETRY, Sort.HOLD)
_YES_AND_NO = "The hub's answer on the card contradicts itself (Result is true); it is asked again."


def decide(asked: About, http_status: int, headers: Mapping[str, str], body: bytes | None) -> Authorization:
    head = {name.lower(): value for name, value in headers.items()}
    found = _decided(asked, http_status, headers, body)
    return replace(found, hub_reference=safe_process_id(head.get("process-id")))


def _decided(asked: About, http_status: int, headers: Mapping[str, str], body: bytes | None) -> Authorization:
    top = json_object(body)
    said = read(body)
    sort = row_of(said.code).sort
    if http_status in HTTP or not (200 <= http_status < 300 or 400 <= http_status < 500):
        return _by_http(asked, http_status, headers, body)
    if sort is Sort.NOT_AUTHORIZED and top is not None and word(top.get("authorizationstatus")) != "authorized":
        return _held_against(asked, top, _no(said))
    if not 200 <= http_status < 300:
        return _by_http(asked, http_status, headers, body)
    if top is None:
        return _unclear(asked, "The hub's answer on the card could not be read.")
    return _held_against(asked, top, _by_status(asked, top, said))


def lost(asked: About, answer: Answer) -> Authorization:
    """The question had no answer at all; answer tells why."""
    return Authorization(
        Decision.NO_ANSWER, answer.text, maybe_open=_may_open(asked) and answer.arrival is Arrival.MAYBE
    )


def judge_late(
    asked: About,
    http_status: int,
    headers: Mapping[str, str],
    body: bytes | None,
    *,
    maybe_arrived: bool,
    now: datetime,
) -> Answer:
    """REFUSED means that the session is never billed, so only a clear no is one; what is wrong with our message
    itself is parked, and what cannot be read or contradicts itself is asked again."""
    found = decide(asked, http_status, headers, body)
    judged = judge("late_authorization", http_status, headers, body, maybe_arrived=maybe_arrived, now=now, about=asked)
    answer = replace(judged, text=found.text, code=found.code, retry_after_s=None, wants_data=False)
    match found.decision:
        case Decision.YES:
            return replace(answer, verdict=Verdict.DELIVERED, arrival=Arrival.YES, hub_session_id=found.hub_session_id)
        case Decision.NO if read(body).result:
            return replace(answer, verdict=Verdict.RETRY, arrival=Arrival.MAYBE, text=_YES_AND_NO)
        case Decision.NO if row_of(found.code).sort is not Sort.REJECT:
            return replace(answer, verdict=Verdict.REFUSED, arrival=Arrival.YES)
        case Decision.NO_ANSWER if found.maybe_open and judged.verdict is not Verdict.RETRY:
            return replace(answer, verdict=Verdict.RETRY, arrival=Arrival.MAYBE)
        case _:
            return judged


def _by_status(asked: About, top: Mapping[str, object], said: Said) -> Authorization:
    row = row_of(said.code)
    match word(top.get("authorizationstatus")):
        case "authorized" if said.code in (None, "000"):
            return _yes(asked, top)
        case "authorized":
            return _unclear(asked, f"The hub says Authorized and contradicts itself with code {said.code}.", said.code)
        case "notauthorized" if row.sort in _NO_DECISION:
            return Authorization(Decision.NO_ANSWER, sentence(row, said.words), code=said.code)
        case "notauthorized":
            return _no(said)
        case None if said.code is not None and row.sort is not Sort.DONE:
            return Authorization(Decision.NO_ANSWER, sentence(row, said.words), code=said.code)
        case _:
            return _unclear(asked, "The hub's answer on the card says neither yes nor no.", said.code)


def _yes(asked: About, top: Mapping[str, object]) -> Authorization:
    given = top.get("sessionid")
    if given is None and asked.hub_session_id is not None:
        given = asked.hub_session_id
    if not isinstance(given, str) or not re.fullmatch(SESSION_ID, given):
        return _unclear(asked, "The hub authorizes but gives no valid SessionID, so the session could not be billed.")
    if asked.hub_session_id is not None and given.lower() != asked.hub_session_id.lower():
        return _unclear(asked, "The hub's answer on the card is about another session.")
    return Authorization(
        Decision.YES,
        "The hub authorizes the card.",
        hub_session_id=given,
        stop_uids=_stop_uids(top.get("authorizationstopidentifications")),
        code="000",
    )


def _no(said: Said) -> Authorization:
    if said.code in (None, "000"):
        return Authorization(Decision.NO, "The hub does not authorize the card.", code=said.code)
    return Authorization(Decision.NO, sentence(row_of(said.code), said.words), code=said.code)


def _held_against(asked: About, top: Mapping[str, object], outcome: Authorization) -> Authorization:
    ours = top.get("cpopartnersessionid")
    if ours in (None, "", asked.session_id):
        return outcome
    return _unclear(asked, "The hub's answer on the card carries another CPOPartnerSessionID than ours.")


def _by_http(asked: About, status: int, headers: Mapping[str, str], body: bytes | None) -> Authorization:
    # retry_after_s is not used for a question with a person waiting, so that the clock does not matter here.
    now = datetime.fromtimestamp(0, UTC)
    answer = judge("authorize", status, headers, body, maybe_arrived=False, now=now)
    # Behind a failing gateway the provider may have opened the session all the same.
    maybe_open = answer.arrival is Arrival.MAYBE or status >= 500
    return Authorization(Decision.NO_ANSWER, answer.text, code=answer.code, maybe_open=_may_open(asked) and maybe_open)


def _unclear(asked: About, text: str, code: str | None = None) -> Authorization:
    return Authorization(Decision.NO_ANSWER, text, code=code, maybe_open=_may_open(asked))


def _may_open(asked: About) -> bool:
    """Only the question whether to start can open a session at the hub."""
    return asked.hub_session_id is None


def _stop_uids(listed: object) -> tuple[str, ...]:
    """UIDs of the cards that may stop the session too; other media cannot be read by a card reader."""
    found: dict[str, None] = {}
    for medium in map(lowered, listed if isinstance(listed, list) else ()):
        for name in CARD_MEDIA:
            uid = clean_uid(lowered(medium.get(name)).get("uid"))
            if uid is not None:
                found[uid] = None
    return tuple(found)
