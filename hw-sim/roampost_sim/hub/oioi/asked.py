"""A call of the hub to the operator as OIOI reads it: the question, and what may be answered. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from roampost_sim.hub.checking import violations
from roampost_sim.hub.client import Heard
from roampost_sim.hub.means import Means, member
from roampost_sim.hub.oioi.codes import is_yes, three_digits
from roampost_sim.hub.oioi.means import understood
from roampost_sim.hub.oioi.schemas import ANSWERS, REFUSAL
from roampost_sim.hub.oioi.telling import told
from roampost_sim.hub.outcome import text_in

# Beside these, a general one: 100, and what an operator says of its own systems.
_CODES = {
    "session-start": ("000", "011", "012", "140", "144", "145", "181", "320", "321"),
    "session-stop": ("000", "140", "144", "145", "181", "182"),
    "rfid-post": ("000", "211"),
    "reservation-start": ("000", "181", "190", "191", "194", "323", "330"),
    "reservation-stop": ("000", "181", "189"),
}
_GENERAL = ("100", "300", "302", "310", "312")
# A refusal may be told by the HTTP status too; what an HTTP error says of a right question is a mistake.
_HTTP_OF_A_NO = (200, 401, 403, 404)


@dataclass(frozen=True, slots=True)
class Asked:
    """content: what the call tells."""

    operation: str
    content: Any
    honest: bool

    @property
    def told(self) -> Mapping[str, Any]:
        return told(self.content)

    def session_id(self, body: Any) -> str | None:
        """The session is the operator's, so that its answer names it."""
        return text_in(member(body, "session-start"), "session-id") or text_in(self.content, "session-id")

    def means(self, body: Any) -> Means | None:
        asked_for, session_id = understood(self.operation, self.content), self.session_id(body)
        named = {"session": session_id, "hub_session": session_id} if session_id else {}
        return asked_for and asked_for | named

    def code(self, body: Any) -> str | None:
        return three_digits(member(body, "result", "code"))

    def result(self, body: Any) -> bool | None:
        code = self.code(body)
        return None if code is None else is_yes(code)

    def wrong(self, heard: Heard, body: Any, seconds: float) -> Iterator[str]:
        yes = self.result(body)
        if heard.http_status != 200 and (yes is not False or heard.http_status not in _HTTP_OF_A_NO):
            yield f"HTTP {heard.http_status} instead of an answer"
            return
        found = violations(ANSWERS[self.operation] if yes else REFUSAL, body)
        yield from map(str, found)
        if not found:
            yield from self._beside(body)

    def _beside(self, body: Any) -> Iterator[str]:
        code, processed = self.code(body), member(body, "rfid", "processed")
        if code not in (*_CODES[self.operation], *_GENERAL):
            yield f"code {code} is none that answers {self.operation}"
        if isinstance(processed, int) and processed > len(self.content["rfids"]):
            yield f"processed is {processed}, and the list has {len(self.content['rfids'])} UIDs"
