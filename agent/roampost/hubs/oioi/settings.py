"""One configured OIOI hub. A value that exists is well formed; whether its files are usable is for `hubs.https`."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from roampost.hubs.https.endpoint import ApiKeyFile, Endpoint

if TYPE_CHECKING:
    from roampost.config.hubs import OioiHub

_KEY_FORM = "key={}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OioiSettings:
    """endpoint.url is the one address of all calls. partner_identifier: of who has the connectors."""

    endpoint: Endpoint
    operator_id: str
    partner_identifier: str

    @classmethod
    def of(cls, name: str, hub: "OioiHub") -> Self:
        """As the configuration has it. Raises ValueError in words."""
        endpoint = Endpoint(
            name=name,
            url=hub.url,
            ca_file=hub.ca_file,
            cert_file=hub.cert_file,
            key_file=hub.key_file,
            api_key=ApiKeyFile(hub.api_key_file, _KEY_FORM),
            timeout_s=hub.timeout_s,
        )
        return cls(endpoint=endpoint, operator_id=hub.operator_id, partner_identifier=hub.partner_identifier)
