"""The faults of an OICP hub, and OICP's words for those that speak. Pure."""

from collections.abc import Mapping
from typing import Any

from roampost_sim.hub.answers import Wording, extra_fields, of_body
from roampost_sim.hub.faults import COMMON, Fault, Kind, Stage
from roampost_sim.hub.oicp.codes import status_code
from roampost_sim.hub.oicp.replies import reply
from roampost_sim.hub.oicp.shapes import MEDIA
from roampost_sim.hub.replies import Reply

KINDS: Mapping[str, Kind] = COMMON | {
    "http_403": Kind(Stage.BEFORE, "nginx refuses the address, in HTML"),
    "http_400_certificate": Kind(Stage.BEFORE, "nginx refuses the client certificate, in HTML"),
    "http_401": Kind(Stage.BEFORE, "code 017"),
    "http_404": Kind(Stage.BEFORE, "code 300"),
    "refused": Kind(Stage.BEFORE, "HTTP 200, Result false", {"code": "022"}),
    "wrong_case": Kind(Stage.AFTER, "field names that begin with a small letter"),
}
_OPTIONAL = (
    "SessionID",
    "CPOPartnerSessionID",
    "EMPPartnerSessionID",
    "ProviderID",
    "AuthorizationStopIdentifications",
)


def instead(fault: Fault) -> Reply | None:
    """What a request gets that is not processed; None where a proxy answers."""
    match fault.kind:
        case "http_5xx":
            return reply(fault.parameters["status"], {"StatusCode": status_code("001")})
        case "refused":
            return reply(200, {"Result": False, "StatusCode": status_code(fault.parameters["code"])})
        case "http_401":
            return reply(401, {"StatusCode": status_code("017")})
        case "http_404":
            return reply(404, {"StatusCode": status_code("300")})
    return None


def all_media(value: Any) -> Any:
    """The same JSON value where each Identification has all five members, four of them null."""
    if isinstance(value, list):
        return [all_media(member) for member in value]
    if not isinstance(value, dict):
        return value
    filled = {name: all_media(member) for name, member in value.items()}
    return dict.fromkeys(MEDIA) | filled if value and value.keys() <= set(MEDIA) else filled


def lower_case(value: Any) -> Any:
    """The same JSON value with names that begin with a small letter."""
    if isinstance(value, dict):
        return {name[:1].lower() + name[1:]: lower_case(member) for name, member in value.items()}
    return [lower_case(member) for member in value] if isinstance(value, list) else value


def _nulls(body: dict[str, Any]) -> dict[str, Any]:
    """Every optional field there, and null; the status code keeps its Code only."""
    code = {"Description": None, "AdditionalInfo": None}
    filled = dict.fromkeys(_OPTIONAL) | dict(all_media(body))
    return filled | {"StatusCode": body["StatusCode"] | code} if "StatusCode" in body else filled


WORDS = Wording(
    instead=instead,
    odd={"nulls": of_body(_nulls), "wrong_case": of_body(lower_case), "extra_fields": of_body(extra_fields)},
    wrong_json=b'["Result", true]',
    not_utf8=b'{"Result": true, "StatusCode": {"Code": "000", "Description": "\xff\xfe"}}',
)
