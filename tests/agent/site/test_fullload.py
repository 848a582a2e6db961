"""The fullLoad replaces a whole set at the hub: when it goes, what is in it, and when it must not go."""

import itertools
import random
from collections.abc import Mapping

import pytest

from roampost.domain.messages import EvseStatus, FullLoadMessage
from roampost.site.fullload import DAY_MS, JITTER_MS, OTHER_SET, SOON_MS, FullLoad, message, missing, read, remembers

ONE, TWO = "DE*ABC*E1*1", "DE*ABC*E1*2"
BOTH: dict[str, EvseStatus | None] = {ONE: EvseStatus.AVAILABLE, TWO: EvseStatus.OCCUPIED}


class Desk:
    """A clock by hand, the hub's memory, and what was told. The hub says yes to everything."""

    def __init__(self, seed: int = 1) -> None:
        self.now_ms: int | None = 10**12
        self.statuses: dict[str, EvseStatus | None] = dict(BOTH)
        self.known: dict[str, str] = {}
        self.told: list[tuple[int, FullLoadMessage]] = []
        self.load = FullLoad(
            "hubject",
            lambda: self.statuses,
            self.memory,
            self.tell,
            lambda: self.now_ms,
            self.sleep,
            random.Random(seed),
        )

    async def memory(self) -> Mapping[str, str]:
        return self.known

    async def tell(self, load: FullLoadMessage, remembered: tuple[tuple[str, str | None], ...]) -> None:
        assert self.now_ms is not None
        self.told.append((self.now_ms, load))
        self.known |= {name: value for name, value in remembered if value is not None}

    async def sleep(self, seconds: float) -> None:
        raise NotImplementedError

    async def live(self, hours: int) -> None:
        for _ in range(hours * 60):
            if self.now_ms is not None:
                self.now_ms += 60_000
            await self.load.turn()


@pytest.mark.parametrize("seed", range(5))
async def test_once_a_day_at_a_jittered_time(seed: int) -> None:
    desk = Desk(seed)
    begun_ms = desk.now_ms
    assert begun_ms is not None
    await desk.live(24 * 4)
    times = [at_ms for at_ms, _ in desk.told]
    assert SOON_MS[0] <= times[0] - begun_ms <= SOON_MS[1] + 60_000
    gaps = [after - before for before, after in itertools.pairwise(times)]
    assert len(gaps) >= 3
    assert all(DAY_MS - JITTER_MS <= gap <= DAY_MS + 60_000 for gap in gaps)


async def test_a_restart_does_not_bring_another_one() -> None:
    desk = Desk()
    await desk.live(2)
    again = Desk(seed=2)
    again.now_ms, again.known = desk.now_ms, desk.known
    await again.live(20)
    assert len(desk.told) == 1
    assert again.told == []


async def test_not_while_the_clock_or_a_status_is_unknown() -> None:
    desk = Desk()
    desk.now_ms = None
    await desk.live(24)
    desk.now_ms = 10**12
    desk.statuses[TWO] = None
    await desk.live(24)
    assert desk.told == []
    desk.statuses[TWO] = EvseStatus.UNKNOWN
    await desk.live(1)
    assert len(desk.told) == 1


async def test_a_set_that_shrank_waits_for_a_person() -> None:
    desk = Desk()
    await desk.live(2)
    del desk.statuses[TWO]
    await desk.live(48)
    assert len(desk.told) == 1
    assert "DEABCE12 would be gone" in (desk.load.refused or "")
    assert await desk.load.send(accept_missing=True)
    assert not desk.load.refused
    await desk.live(48)
    assert [len(load.statuses) for _, load in desk.told][1:] == [1] * (len(desk.told) - 1)


@pytest.mark.parametrize("statuses", [{ONE: BOTH[ONE]}, {**BOTH, "DE*ABC*E1*3": EvseStatus.AVAILABLE}, {}])
def test_what_waits_does_not_go_with_other_evses_than_were_planned(statuses: dict[str, EvseStatus | None]) -> None:
    """The configuration was changed while the hub could not be reached: nobody has agreed to that set."""
    desk, planned = Desk(), message(BOTH)
    assert planned is not None
    desk.statuses = statuses
    assert desk.load.now(planned) is OTHER_SET


def test_what_waits_goes_with_the_statuses_of_the_moment() -> None:
    desk, planned = Desk(), message(BOTH)
    assert planned is not None
    desk.statuses = {"DEABCE1*1": EvseStatus.OUT_OF_SERVICE, TWO: EvseStatus.AVAILABLE}
    assert desk.load.now(planned) == message(desk.statuses)
    desk.statuses[TWO] = None
    assert desk.load.now(planned) is None


async def test_an_empty_set_is_never_sent() -> None:
    desk = Desk()
    desk.statuses.clear()
    await desk.live(48)
    assert not await desk.load.send(accept_missing=True)
    assert desk.told == []


def test_what_is_not_ours_in_the_memory_counts_as_nothing() -> None:
    for kept in ("", "[]", "{}", '{"at_ms":"x","evses":[]}', "7"):
        assert read({"full_load": kept}) is None
    assert missing(None, BOTH) == []
    last = read({name: value or "" for name, value in remembers(BOTH, 5)})
    assert last is not None
    assert missing(last, {ONE: EvseStatus.AVAILABLE}) == ["DEABCE12"]
    assert missing(last, {"DEABCE1*1": None, "DEABCE12": None}) == []


def test_it_says_what_is_so_at_the_moment() -> None:
    load = message(BOTH)
    assert load is not None
    assert [(one.evse_id, one.status) for one in load.statuses] == list(BOTH.items())
    assert message({ONE: None}) is None
