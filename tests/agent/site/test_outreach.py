"""What the station tells hubs by itself: only what its configuration of today lets it."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from roampost.domain.messages import (
    EvseDataSetMessage,
    EvsePricingMessage,
    EvseStatus,
    FullLoadMessage,
    Message,
    PricingProductsMessage,
    StationDataMessage,
    StatusMessage,
)
from roampost.site.fullload import NOT_OURS
from roampost.site.hubs import Hubs, build_backends
from roampost.site.outreach import Outreach
from roampost.site.publishing import Publisher
from roampost.site.pushes import Wanted
from roampost.store.errors import StoreFailed
from roampost.supervise.supervisor import Supervisor, TaskPhase
from tests.agent.cli.stopped_station import EVSE_ID
from tests.agent.config.told_site import POI, PRICING
from tests.agent.loop.rig import HandClock
from tests.agent.site.place import Place

PLANNED = FullLoadMessage(statuses=(StatusMessage(evse_id=EVSE_ID, status=EvseStatus.AVAILABLE),))


SETS: tuple[Message, ...] = (
    EvseDataSetMessage(data=("{}",)),
    PricingProductsMessage(action="set", prices="{}"),
    EvsePricingMessage(action="set", pricing=("{}",)),
)


@pytest.mark.parametrize(("owns", "answer"), [("true", None), ("false", NOT_OURS)])
async def test_what_waits_from_an_earlier_configuration_replaces_nobody_elses_set(
    tmp_path: Path, owns: str, answer: object
) -> None:
    """None: the hardware has not been looked at yet, so it waits."""
    line = 'kind = "oicp"\n'
    place = Place(tmp_path, HandClock(), replace=[(line, f"{line}owns_operator = {owns}\n")])
    try:
        outreach = Outreach(place.config, Hubs({}, {}, {}, place.hubs), place.station, place.store, place.clock)
        assert outreach.refresh("hubject", PLANNED) == answer
        assert outreach.refresh("hubject", PLANNED.statuses[0]) == PLANNED.statuses[0]
        assert [outreach.refresh("hubject", one) for one in SETS] == [answer or one for one in SETS]
        ours = PricingProductsMessage(action="update", prices="{}")
        assert outreach.refresh("hubject", ours) == ours
    finally:
        place.close()


async def test_a_station_that_has_told_everything_is_well(tmp_path: Path) -> None:
    place = Place(tmp_path, HandClock())
    try:
        outreach = Outreach(place.config, Hubs({}, {}, {}, place.hubs), place.station, place.store, place.clock)
        async with Supervisor() as tasks:
            outreach.start(tasks)
            (publishing,) = (one for one in asyncio.all_tasks() if one.get_name() == "EVSE data hubject")
            await asyncio.wait_for(publishing, 30)
            assert {one.phase for one in tasks.states()} == {TaskPhase.DONE, TaskPhase.RUNNING}
    finally:
        place.close()


class BrokenOnce:
    """Publishers of several hubs in one; the first call fails."""

    def __init__(self) -> None:
        self.failed: list[str] = []
        self.told: list[str] = []
        self.done = asyncio.Event()

    def of(self, hub: str, like: Publisher) -> Publisher:
        async def memory() -> dict[str, str]:
            if not self.failed:
                self.failed.append(hub)
                raise StoreFailed("the disk takes no writes")
            self.told.append(hub)
            self.done.set()
            return {}

        return replace(like, hub=hub, wanted=Wanted({EVSE_ID: f'{{"evse_id":"{EVSE_ID}"}}'}), memory=memory)


async def test_what_one_hub_lacks_is_told_although_the_disk_failed_for_another(tmp_path: Path) -> None:
    place = Place(tmp_path, HandClock())
    try:
        outreach = Outreach(place.config, Hubs({}, {}, {}, place.hubs), place.station, place.store, place.clock)
        (publisher,) = outreach.publishers.values()
        broken = BrokenOnce()
        async with Supervisor(sleep=lambda _seconds: asyncio.sleep(0)) as tasks:
            outreach.start(tasks)
            (publishing,) = (one for one in asyncio.all_tasks() if one.get_name() == "EVSE data hubject")
            await publishing
            for hub in ("hubject", "second"):
                outreach.publishers[hub] = broken.of(hub, publisher)
                outreach.wants_data(hub, EVSE_ID)
            await broken.done.wait()
        assert sorted(broken.told + broken.failed) == ["hubject", "second"]
    finally:
        place.close()


MORE = """
[devices.controller-2]
type = "evse-din"
line = "rs485"
unit = 2

[[evse]]
id = "DE*XYZ*E7"
charger = "controller-2"
control = "observe"

[pricing]
default_price = "0.50"
[pricing.products.AC3]
price = "0.49"
max_power_kw = 22
[pricing.evses]
"*" = ["AC3"]

[hubs.second]
kind = "oicp"
url = "https://other.example/api/oicp"
operator_id = "DE*XYZ"
operator_name = "XYZ"
cert_file = "/etc/roampost/second.crt"
key_file = "/etc/roampost/second.key"
evses = ["DE*XYZ*E7"]

"""


SURF = """
[hubs.surf]
kind = "oioi"
url = "https://surf.example/api/v4/request"
operator_id = "DE*ABC"
partner_identifier = "1"
api_key_file = "/etc/roampost/surf.key"
"""


def two_protocols(folder: Path, *poi: tuple[str, str]) -> Place:
    """One EVSE on hubs of both; poi: changes of what drivers are told."""
    told = POI
    for old, new in poi:
        assert old in told
        told = told.replace(old, new)
    return Place(folder, HandClock(), replace=[("[hubs.hubject]\n", f"{told}{PRICING}{SURF}\n[hubs.hubject]\n")])


def outreach_of(place: Place) -> Outreach:
    hubs = build_backends(place.config, place.clock, place.wall_time)
    return Outreach(place.config, hubs, place.station, place.store, place.clock)


async def test_each_hub_is_told_in_the_words_that_it_has(tmp_path: Path) -> None:
    place = two_protocols(tmp_path)
    try:
        for publisher in outreach_of(place).publishers.values():
            await publisher.publish()
            await publisher.publish()
        told = {name: {message for hub, message in place.outbox() if hub == name} for name in ("hubject", "surf")}
        assert {one.kind for one in told["hubject"]} == {"evse_data", "pricing_products", "evse_pricing"}
        (station,) = told["surf"]
        assert isinstance(station, StationDataMessage)
        assert (station.station_id, station.action, station.before) == (EVSE_ID, "post", None)
    finally:
        place.close()


@pytest.mark.parametrize(
    ("change", "refusing"),
    [
        pytest.param(("renewable = true\n", ""), {"hubject"}, id="only OICP insists on it"),
        pytest.param(("type_2_outlet", "avcon"), {"surf"}, id="OIOI has no such plug"),
        pytest.param(('hotline = "+49301234567"\n', ""), {"hubject", "surf"}, id="every hub wants it"),
    ],
)
async def test_what_one_hub_would_refuse_is_told_to_the_other(
    tmp_path: Path, change: tuple[str, str], refusing: set[str], caplog: pytest.LogCaptureFixture
) -> None:
    place = two_protocols(tmp_path, change)
    try:
        wanted = {name: one.wanted for name, one in outreach_of(place).publishers.items()}
        assert {name for name, one in wanted.items() if EVSE_ID in one.unsaid} == refusing
        assert {name for name, one in wanted.items() if one.data} == wanted.keys() - refusing
        for name in refusing:
            assert f"{EVSE_ID}: its EVSE data is not pushed, {name} would refuse it" in caplog.text
    finally:
        place.close()


async def test_a_hub_hears_the_prices_of_its_own_evses_only(tmp_path: Path) -> None:
    """It refuses a whole push for one EVSE of another operator."""
    first = f'[hubs.hubject]\nevses = ["{EVSE_ID}"]\n'
    place = Place(tmp_path, HandClock(), replace=[("[hubs.hubject]\n", MORE + first)])
    try:
        outreach = Outreach(place.config, Hubs({}, {}, {}, place.hubs), place.station, place.store, place.clock)
        priced = {name: list(publisher.wanted.pricing or ()) for name, publisher in outreach.publishers.items()}
        assert priced == {"hubject": [EVSE_ID], "second": ["DE*XYZ*E7"]}
    finally:
        place.close()
