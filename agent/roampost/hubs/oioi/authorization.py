"""The hub's word on a card, read from the answer to an rfid-verify. What is not clearly yes or no is NO_ANSWER. Pure.

A code about the driver (14x, 19x) is a no. 100 may stand in the place of any of them, but as well for trouble at the
hub: it is no decision, and whom the station lets in without the hub it still does. OIOI's question opens no session, so
an answer that was lost leaves nothing to be closed.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from roampost.config.identifiers import plain
from roampost.hubs.base import Answer, Arrival, Authorization, Decision, Verdict
from roampost.hubs.oioi.answers import Said, read
from roampost.hubs.oioi.codes import Sort, row_of
from roampost.hubs.oioi.verdicts import judge, sentence

NO_CONTRACT = "The hub has named no contract for this session, so no other card can be held against it."
_YES = "The hub authorizes the card."
_ANOTHER = "The hub knows the card, but it belongs to another contract than the session."


def decide(session_id: str, http_status: int, headers: Mapping[str, str], body: bytes | None) -> Authorization:
    """session_id becomes the hub's ID of the session as well: OIOI has no other."""
    said = read(body)
    if _is_no(http_status, said):
        return Authorization(Decision.NO, sentence(said.code or "", said.words), code=said.code)
    # retry_after_s is not used for a question with a person waiting, so that the clock does not matter here.
    answer = judge("late_authorization", http_status, headers, body, now=datetime.fromtimestamp(0, UTC))
    if answer.verdict is not Verdict.DELIVERED:
        return Authorization(Decision.NO_ANSWER, answer.text, code=answer.code)
    return Authorization(Decision.YES, _YES, hub_session_id=session_id, code=said.code, contract_id=said.evco_id)


def of_another_card(found: Authorization, hub_session_id: str, contract_id: str) -> Authorization:
    """Whether the card may stop the session that was begun under contract_id."""
    if found.decision is not Decision.YES:
        return found
    if found.contract_id is None or plain(found.contract_id) != plain(contract_id):
        return Authorization(Decision.NO, _ANOTHER, code=found.code)
    return replace(found, hub_session_id=hub_session_id)


def judge_late(
    session_id: str, http_status: int, headers: Mapping[str, str], body: bytes | None, *, now: datetime
) -> Answer:
    """REFUSED means that the session is never billed, so only a clear no is one."""
    found = decide(session_id, http_status, headers, body)
    judged = judge("late_authorization", http_status, headers, body, now=now)
    match found.decision:
        case Decision.YES:
            return replace(judged, text=found.text, hub_session_id=session_id)
        case Decision.NO:
            return replace(judged, verdict=Verdict.REFUSED, arrival=Arrival.YES, text=found.text)
        case Decision.NO_ANSWER:
            return replace(judged, wants_data=False)


def _is_no(http_status: int, said: Said) -> bool:
    if said.code is None or row_of(said.code).sort is not Sort.DRIVER:
        return False
    if http_status in (401, 403):
        # 14x could as well be about our key, and a no costs a late session its record.
        return said.code.startswith("19")
    return 200 <= http_status < 300 or http_status in (400, 404)
