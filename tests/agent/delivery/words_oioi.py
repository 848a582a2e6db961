"""OIOI for these tests."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from roampost.hubs.oioi.codes import CODES
from roampost_sim.hub.oioi import OioiHub, OioiSettings
from tests.agent.delivery import cast
from tests.agent.delivery.words import Held, Sandbox, Words, replaced, without_repeats

PARTNER = "sandbox-partner"


class Oioi(Words):
    codes = frozenset(CODES)
    calls: ClassVar[Mapping[str, str]] = {
        "status": "connector-post-status",
        "station_data": "station-post",
        "late_authorization": "rfid-verify",
        "start": "session-post",
        "progress": "session-post",
        "end": "session-post",
        "cdr": "session-post",
    }
    data = (cast.STATION, cast.NEXT_STATION)

    def sandbox(self, **settings: Any) -> OioiHub:
        return OioiHub(OioiSettings(**settings, partners=(PARTNER,)))

    def section(self, folder: Path) -> dict[str, object]:
        return {"kind": "oioi", "partner_identifier": PARTNER, "api_key_file": f"{folder}/hub.key"}

    def show(self, far: Sandbox, folder: Path, *, right: bool) -> None:
        (key,) = self.secrets(far)
        replaced(folder / "hub.key", lambda new: new.write_text(key if right else "some-other-key"))

    def held(self, far: Sandbox, session_id: str) -> Held:
        """The hub keeps no word for a step of a session; what it made of each post is in its record."""
        assert isinstance(far, OioiHub)
        means = [one.means for one in far.record if one.processed and one.means]
        whats = [str(one["what"]) for one in means if one.get("session") == session_id]
        posts = far.sessions[session_id].posts if session_id in far.sessions else []
        told = without_repeats([what for what in whats if what != "cdr"])
        return Held(told, sum("stop" in one["session-interval"] for one in posts))

    def secrets(self, far: Sandbox) -> tuple[str, ...]:
        assert isinstance(far, OioiHub)
        return (far.settings.api_key,)
