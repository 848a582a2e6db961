"""OICP for these tests."""

import shutil
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from roampost.domain.messages import EvseDataMessage, Message
from roampost.hubs.oicp.codes import CODES
from roampost_sim.hub.oicp import HubSettings, SandboxHub
from tests.agent.delivery import cast
from tests.agent.delivery.words import Held, Sandbox, Words, replaced, without_repeats
from tests.agent.oicp import samples
from tests.agent.poi.makers import SPARSE


class Oicp(Words):
    codes = frozenset(CODES)
    calls: ClassVar[Mapping[str, str]] = {
        "status": "PushEvseStatus",
        "full_load": "PushEvseStatus",
        "evse_data": "PushEvseData",
        "evse_data_set": "PushEvseData",
        "pricing_products": "PushPricingProductData",
        "evse_pricing": "PushEVSEPricing",
        "late_authorization": "AuthorizeStart",
        "start": "ChargingNotifications",
        "error": "ChargingNotifications",
        "progress": "ChargingNotifications",
        "end": "ChargingNotifications",
        "cdr": "ChargeDetailRecord",
    }
    data = (
        EvseDataMessage(action="insert", evse_id=cast.EVSE_ID, data=samples.DATA.data),
        EvseDataMessage(action="insert", evse_id=cast.NEIGHBOUR, data=SPARSE.model_dump_json()),
    )
    once: ClassVar[tuple[Message, ...]] = (
        samples.FULL_LOAD,
        samples.DATA_SET,
        samples.PRODUCTS,
        samples.EVSE_PRICING,
    )

    def sandbox(self, **settings: Any) -> SandboxHub:
        return SandboxHub(HubSettings(**settings))

    def section(self, folder: Path) -> dict[str, object]:
        files = {"cert_file": f"{folder}/hub.pem", "key_file": f"{folder}/hub.key"}
        return {"kind": "oicp", "operator_name": "Stadtwerke", **files}

    def show(self, far: Sandbox, folder: Path, *, right: bool) -> None:
        pair = far.certificates.client("DEABC" if right else "DEXYZ")
        replaced(folder / "hub.key", partial(shutil.copy, pair.key))
        replaced(folder / "hub.pem", partial(shutil.copy, pair.certificate))

    def held(self, far: Sandbox, session_id: str) -> Held:
        assert isinstance(far, SandboxHub)
        found = [one for one in far.sessions.values() if one.partner_id == session_id]
        told = [kind.lower() for one in found for kind in one.types]
        return Held(without_repeats(told), sum(one.cdr is not None for one in found))

    def secrets(self, far: Sandbox) -> tuple[str, ...]:
        return ("PRIVATE KEY",)
