"""What a session and a reservation have in common: whose they are, and under which IDs a hub knows them."""

from pydantic import BaseModel, ConfigDict

from roampost.config.identifiers import plain
from roampost.domain.messages import SessionRef


class AtHub(BaseModel):
    """Frozen; every change is a copy. session_id is our own ID."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    session_id: str
    hub: str | None
    hub_session_id: str | None
    evse_id: str
    uid: str | None
    contract_id: str | None = None
    account: str | None = None
    product_id: str | None = None
    provider_session_id: str | None = None

    @property
    def ref(self) -> SessionRef:
        """How a message names it."""
        return SessionRef(
            session_id=self.session_id,
            hub_session_id=self.hub_session_id,
            evse_id=self.evse_id,
            uid=self.uid,
            contract_id=self.contract_id,
            account=self.account,
            product_id=self.product_id,
            provider_session_id=self.provider_session_id,
        )

    def is_for(self, uid: str | None, contract_id: str | None = None, account: str | None = None) -> bool:
        """Whether it is this driver's, by whatever of the three is known of both."""
        contracts = _plain(self.contract_id), _plain(contract_id)
        known = (self.uid, uid), contracts, (self.account, account)
        return any(ours is not None and ours == theirs for ours, theirs in known)

    def is_under(self, hub: str | None, hub_session_id: str | None) -> bool:
        """Whether it is this session of the hub (GUIDs come in either case)."""
        known = self.hub_session_id
        if known is None or hub_session_id is None:
            return False
        return hub == self.hub and known.lower() == hub_session_id.lower()


def _plain(contract_id: str | None) -> str | None:
    return None if contract_id is None else plain(contract_id)
