"""A remote desk over one EVSE of the rig, and the requests that are put to it."""

from datetime import timedelta
from typing import Any, Literal

import pytest

from roampost.access.remote import RemoteDesk
from roampost.access.remote_rules import RemoteRule
from roampost.access.remote_same import ForDriver
from roampost.hubs.remote import CancelReservation, Outcome, RemoteStart, RemoteStop, Reserve
from roampost_drivers.roles import Pilot
from tests.agent.evse.makers import EVSE_ID
from tests.agent.loop.rig import Rig

HUB_ID = "b2688855-7f00-0002-6d8e-48d883f6ab00"
OTHER_ID = "b2688855-7f00-0002-6d8e-48d883f6ab01"
CONTRACT = "DE-8EO-CAet5e4XY-3"
QUARTER = timedelta(minutes=15)
# Longer than any machine is slow.
NEVER_S = 60.0
# What holds for every hub: one that gives its sessions IDs, and one whose protocol has none.
EVERY_HUB = pytest.mark.parametrize("given", [HUB_ID, None], ids=["with IDs", "without IDs"])


def start(hub_session_id: str | None = HUB_ID, hub: str = "hubject", **more: Any) -> RemoteStart:
    return RemoteStart(
        **{"hub": hub, "hub_session_id": hub_session_id, "evse_id": EVSE_ID, "contract_id": CONTRACT} | more
    )


def stop(hub_session_id: str | None = HUB_ID, hub: str = "hubject", evse_id: str = EVSE_ID, **more: Any) -> RemoteStop:
    return RemoteStop(hub, hub_session_id, evse_id, **_who(hub_session_id) | more)


def reserve(hub_session_id: str | None = HUB_ID, hub: str = "hubject", **more: Any) -> Reserve:
    fields: dict[str, Any] = {"hub": hub, "hub_session_id": hub_session_id, "evse_id": EVSE_ID, "duration": QUARTER}
    return Reserve(**fields | {"contract_id": CONTRACT} | more)


def cancel(
    hub_session_id: str | None = HUB_ID, hub: str = "hubject", evse_id: str = EVSE_ID, **more: Any
) -> CancelReservation:
    return CancelReservation(hub, hub_session_id, evse_id, **_who(hub_session_id) | more)


def _who(hub_session_id: str | None) -> dict[str, Any]:
    """An ID says enough."""
    return {} if hub_session_id else {"contract_id": CONTRACT}


class Front:
    """A desk over one EVSE; while it pauses, the hardware is looked at."""

    def __init__(
        self,
        rig: Rig,
        *,
        mode: Literal["plugged", "waits", "off"] = "plugged",
        reservable: bool = True,
        commit_s: float = NEVER_S,
        take_s: float = NEVER_S,
        sees: Pilot = Pilot.B,
    ) -> None:
        self.rig = rig
        self.sees = sees
        self.ids = 0
        self.pauses = 0
        self.desk = RemoteDesk(
            {EVSE_ID: rig.loop},
            lambda evse_id: ("hubject", "second") if evse_id == EVSE_ID else (),
            {EVSE_ID: RemoteRule(mode, reservable)},
            clock=rig.clock,
            new_id=self._new_id,
            take_s=take_s,
            commit_s=commit_s,
            pause=self._pause,
        )

    async def says(self, command: ForDriver) -> Outcome:
        return (await self.desk.take(command)).outcome

    def _new_id(self) -> str:
        self.ids += 1
        return f"own-r{self.ids}"

    async def _pause(self, seconds: float) -> None:
        self.pauses += 1
        await self.rig.look(self.sees, times=1, step_s=seconds)


async def plugged(rig: Rig) -> None:
    await rig.look(Pilot.A)
    await rig.look(Pilot.B)


def sessions_begun(rig: Rig) -> set[str]:
    return {now.session.session_id for now, _ in rig.commits if now.session is not None}
