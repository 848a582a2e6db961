"""The clock, its quality, and what becomes of stamps that were taken before it was right."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from roampost.clock import BOOT_ID_FILE, BootOffset, SystemClock, WallTime, read_boot_id
from roampost.domain.stamp import Stamp
from roampost.hubs.base import When

BERLIN = ZoneInfo("Europe/Berlin")
SUMMER = datetime(2026, 7, 1, 10, 0, tzinfo=UTC)


@dataclass
class Hands:
    """Clock hands that a test turns."""

    mono: float = 100.0
    wall: float = SUMMER.timestamp()

    def forward(self, seconds: float) -> None:
        self.mono += seconds
        self.wall += seconds


def clock_of(hands: Hands, *files: Path, trust: str = "auto", boot: str = "b1") -> SystemClock:
    return SystemClock(trust=trust, sync_files=files, boot=boot, mono=lambda: hands.mono, wall=lambda: hands.wall)


def test_the_clock_is_trusted_when_the_time_service_says_so(tmp_path: Path) -> None:
    hands, flag = Hands(), tmp_path / "synchronized"
    clock = clock_of(hands, tmp_path / "other", flag)
    assert not clock.stamp().trusted
    flag.touch()
    hands.forward(1.0)
    assert clock.stamp() == Stamp(
        boot="b1", mono_ms=101_000, wall_ms=int(SUMMER.timestamp() * 1000) + 1000, trusted=True
    )


def test_the_files_are_looked_at_at_most_once_a_second(tmp_path: Path) -> None:
    hands, flag = Hands(), tmp_path / "synchronized"
    clock = clock_of(hands, flag)
    assert not clock.stamp().trusted
    flag.touch()
    hands.forward(0.9)
    assert not clock.stamp().trusted
    hands.forward(0.2)
    assert clock.stamp().trusted


def test_a_machine_with_a_clock_of_its_own_is_always_trusted() -> None:
    assert clock_of(Hands(), trust="always").stamp().trusted


@pytest.mark.parametrize("trust", ["auto", "always"])
def test_a_clock_of_1970_is_never_trusted(tmp_path: Path, trust: str) -> None:
    flag = tmp_path / "synchronized"
    flag.touch()
    assert not clock_of(Hands(wall=55.0), flag, trust=trust).stamp().trusted


def test_the_kernels_boot_id_reads_the_same_by_hand_and_under_the_unit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("ROAMPOST_BOOT_ID", raising=False)
    by_hand = read_boot_id()
    assert len(by_hand) == 32
    assert int(by_hand, 16) >= 0
    monkeypatch.setenv("ROAMPOST_BOOT_ID", BOOT_ID_FILE.read_text().strip().replace("-", "").upper())
    assert read_boot_id() == by_hand


def test_the_real_clock_goes_forward() -> None:
    clock = SystemClock(boot="b1")
    assert clock.stamp().mono_ms <= clock.stamp().mono_ms
    assert clock.wall_ms() > 0


def test_a_trusted_stamp_is_told_with_the_stations_own_offset() -> None:
    when: When = WallTime(BERLIN)
    stamp = Stamp(boot="b1", mono_ms=5, wall_ms=int(SUMMER.timestamp() * 1000), trusted=True)
    assert when(stamp).isoformat() == "2026-07-01T12:00:00+02:00"
    winter = stamp.model_copy(update={"wall_ms": int(datetime(2026, 1, 1, tzinfo=UTC).timestamp() * 1000)})
    assert when(winter).utcoffset() == timedelta(hours=1)


def test_a_stamp_from_before_synchronization_is_corrected_afterwards(tmp_path: Path) -> None:
    hands, flag = Hands(wall=7.0), tmp_path / "synchronized"
    clock = clock_of(hands, flag)
    when = WallTime(BERLIN, clock=clock)
    early = clock.stamp()
    assert not when.settled(early)
    assert when(early).year == 1970
    hands.forward(60)
    hands.wall = SUMMER.timestamp()
    flag.touch()
    assert when(early) == SUMMER - timedelta(seconds=60)
    assert when.settled(early)


def test_a_corrected_stamp_does_not_wander_when_the_clock_is_adjusted(tmp_path: Path) -> None:
    hands, flag = Hands(wall=7.0), tmp_path / "synchronized"
    clock = clock_of(hands, flag)
    when = WallTime(BERLIN, clock=clock)
    early = clock.stamp()
    hands.forward(60)
    hands.wall = SUMMER.timestamp()
    flag.touch()
    told = when(early)
    hands.wall += 0.4
    hands.forward(2)
    assert when.learn(clock.stamp()) is None
    assert when(early) == told


def test_an_earlier_boot_is_corrected_by_its_own_offset() -> None:
    stamp = Stamp(boot="b0", mono_ms=30_000, wall_ms=0, trusted=False)
    offset = BootOffset("b0", int(SUMMER.timestamp() * 1000))
    assert WallTime(BERLIN, offsets=[offset])(stamp) == SUMMER + timedelta(seconds=30)


def test_an_offset_is_learned_once_and_only_from_a_trusted_stamp() -> None:
    when = WallTime(BERLIN)
    untrusted = Stamp(boot="b1", mono_ms=10, wall_ms=1_000, trusted=False)
    trusted = Stamp(boot="b1", mono_ms=20, wall_ms=int(SUMMER.timestamp() * 1000), trusted=True)
    assert when.learn(untrusted) is None
    assert when.learn(trusted) == BootOffset("b1", trusted.wall_ms - 20)
    assert when.learn(trusted) is None
    assert when(untrusted) == SUMMER - timedelta(milliseconds=10)


def test_moments_stay_in_order_and_apart_through_the_night_that_summer_time_ends() -> None:
    when = WallTime(BERLIN)
    at_ms = int(datetime(2026, 10, 25, 0, 40, tzinfo=UTC).timestamp() * 1000)
    stamps = [
        Stamp(boot="b", mono_ms=part, wall_ms=at_ms + part, trusted=True) for part in range(0, 3_600_001, 1_200_000)
    ]
    dates = [when(one) for one in stamps]
    assert [one.isoformat() for one in dates] == [
        "2026-10-25T02:40:00+02:00",
        "2026-10-25T02:00:00+01:00",
        "2026-10-25T02:20:00+01:00",
        "2026-10-25T02:40:00+01:00",
    ]
    assert sorted(dates) == dates
    assert dates[-1] - dates[0] == timedelta(hours=1)
