"""One configured OICP hub. A value that exists is well formed; whether its files are usable is for `hubs.https`."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from roampost.config.identifiers import is_operator_id
from roampost.hubs.https.endpoint import Endpoint
from roampost.hubs.oicp.wire import OPERATOR_NAME_MAX

if TYPE_CHECKING:
    from roampost.config.hubs import OicpHub


@dataclass(frozen=True, slots=True, kw_only=True)
class OicpSettings:
    """url is the hub's base URL (…/api/oicp); ca_file None trusts the system's store, which lacks Hubject's own CA.

    timeout_s bounds each wait for the hub. Raises ValueError in words.
    """

    name: str
    url: str
    operator_id: str
    cert_file: Path
    key_file: Path
    ca_file: Path | None = None
    operator_name: str | None = None
    timeout_s: float = 10.0

    def __post_init__(self) -> None:
        _ = self.endpoint  # which has the rules of what it holds
        problem = self._problem()
        if problem is not None:
            raise ValueError(f"hub {self.name}: {problem}")

    @classmethod
    def of(cls, name: str, hub: "OicpHub") -> Self:
        """As the configuration has it."""
        return cls(
            name=name,
            url=hub.url,
            operator_id=hub.operator_id,
            operator_name=hub.operator_name,
            ca_file=hub.ca_file,
            cert_file=hub.cert_file,
            key_file=hub.key_file,
            timeout_s=hub.timeout_s,
        )

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint(
            name=self.name,
            url=self.url,
            ca_file=self.ca_file,
            cert_file=self.cert_file,
            key_file=self.key_file,
            timeout_s=self.timeout_s,
        )

    def _problem(self) -> str | None:
        if not is_operator_id(self.operator_id):
            return f"operator_id {self.operator_id!r} is none; write it as the hub does, like DE*ABC or +49*536"
        if self.operator_name is not None and not 1 <= len(self.operator_name) <= OPERATOR_NAME_MAX:
            return f"operator_name must have 1 to {OPERATOR_NAME_MAX} characters"
        return None
