"""`[hubs.<name>]`: what all hubs have in common, and one section for each protocol. `kind` is the package's name."""

import re
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, Field

from roampost.config.identifiers import is_base_url
from roampost.config.inbound import HubInbound, KeyInbound
from roampost.config.section import AbsolutePath, EvseId, OperatorId, ProviderId, Section


def _https(url: str) -> str:
    if not is_base_url(url):
        raise ValueError("must be an address like https://host/path, without user name, password, query or fragment")
    return url.rstrip("/")


def _partner(text: str) -> str:
    if not re.fullmatch(r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?", text):
        raise ValueError("must be the identifier as the hub gave it, in ASCII")
    return text


HttpsUrl = Annotated[str, AfterValidator(_https)]


class Hub(Section):
    """What the agent needs of a hub, whatever its protocol. The key of a certificate, and every other secret, stays in
    a file that only the service reads."""

    url: HttpsUrl
    operator_id: OperatorId
    ca_file: AbsolutePath | None = Field(default=None, description="of a hub with its own authority; else the system's")
    timeout_s: float = Field(default=20.0, ge=1, le=120)
    evses: tuple[Literal["*"] | EvseId, ...] = Field(default=("*",), min_length=1)
    backoff_max_s: int = Field(default=900, ge=10, le=86_400, description="longest pause between two attempts")
    progress_first_s: int = Field(default=60, ge=10, le=86_400, description="from the start of energy to the first one")
    progress_every_s: int = Field(default=300, ge=60, le=86_400, description="between two of one session")
    rate_share: float = Field(
        default=0.25, gt=0, le=1, description="this agent's part of the rate limits, which hold for the whole operator"
    )

    @property
    def may_call(self) -> bool:
        """Whether the hub may ask something of the station."""
        return False

    @property
    def has_cards(self) -> bool:
        """Whether there is a list of the hub's cards, for times without it."""
        return False

    @property
    def pulls_cards_every_h(self) -> int:
        """How often that list is asked for; 0: never."""
        return 0

    @property
    def owns_set(self) -> bool:
        """Whether this agent may replace all that the operator has at the hub."""
        return False

    @property
    def secrets(self) -> dict[str, Path]:
        """Files that nobody but the service may read, by their keys."""
        return {}

    @property
    def certificates(self) -> dict[str, Path]:
        """Files that run out, by their keys."""
        return {} if self.ca_file is None else {"ca_file": self.ca_file}


class OicpHub(Hub):
    """Hubject over OICP 2.3. The certificate is the operator's."""

    kind: Literal["oicp"]
    operator_name: str = Field(min_length=1, max_length=100)
    cert_file: AbsolutePath
    key_file: AbsolutePath
    progress_every_s: int = Field(default=300, ge=300, le=86_400, description="as often as the hub allows")
    owns_operator: bool = Field(
        default=False,
        description="this agent has every EVSE of the operator: it sends a fullLoad every day, which replaces the set",
    )
    cards_every_h: int = Field(
        default=0, ge=0, le=168, description="pull the list of cards for times without a hub; 0: never"
    )
    provider_id: ProviderId | None = Field(
        default=None, description="of a partner with both roles: reads back what the hub holds"
    )
    inbound: HubInbound | None = Field(default=None, description="the hub may ask something of the station")

    @property
    def may_call(self) -> bool:
        return self.inbound is not None

    @property
    def has_cards(self) -> bool:
        return self.cards_every_h > 0

    @property
    def pulls_cards_every_h(self) -> int:
        return self.cards_every_h

    @property
    def owns_set(self) -> bool:
        return self.owns_operator

    @property
    def secrets(self) -> dict[str, Path]:
        return {"key_file": self.key_file}

    @property
    def certificates(self) -> dict[str, Path]:
        return {"cert_file": self.cert_file, **super().certificates}


class OioiHub(Hub):
    """PlugSurfing over OIOI 4. url is the whole endpoint. A client certificate only where the hub asks for one."""

    kind: Literal["oioi"]
    partner_identifier: Annotated[str, AfterValidator(_partner)] = Field(min_length=1, max_length=100)
    api_key_file: AbsolutePath = Field(description="the key that the hub gave us, in one line")
    cert_file: AbsolutePath | None = None
    key_file: AbsolutePath | None = None
    reservation_minutes: int = Field(default=15, ge=1, le=120, description="the hub names no duration, so we do")
    inbound: KeyInbound | None = Field(default=None, description="the hub may ask something of the station")

    @property
    def may_call(self) -> bool:
        return self.inbound is not None

    @property
    def has_cards(self) -> bool:
        # Its list is not asked for: the hub posts it to whom it may call.
        return self.inbound is not None

    @property
    def secrets(self) -> dict[str, Path]:
        files = {"api_key_file": self.api_key_file, "key_file": self.key_file}
        return {key: path for key, path in files.items() if path is not None}

    @property
    def certificates(self) -> dict[str, Path]:
        return super().certificates if self.cert_file is None else {"cert_file": self.cert_file, **super().certificates}


AnyHub = Annotated[OicpHub | OioiHub, Field(discriminator="kind")]
# By kind.
HUBS: dict[str, type[Hub]] = {get_args(one.model_fields["kind"].annotation)[0]: one for one in (OicpHub, OioiHub)}
