"""The watch with real files, a clock of the test's own, and the turns of its loop by hand."""

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from roampost.certificates.expiry import Level
from roampost.certificates.files import Files
from roampost.certificates.watch import CertificateWatch
from tests.agent.certs import Authority, Pair

END = datetime(2027, 6, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
Log = pytest.LogCaptureFixture


class Bench:
    """One watch of one hub whose certificate ends at END; its loop rests until `look` is called."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self.now = END - 100 * DAY
        self.trusted = True
        self.watch = CertificateWatch(
            {"hubject": files.named()}, lambda: self.now, lambda: self.trusted, sleep=self._sleep
        )  # fmt: skip
        self._resting = asyncio.Semaphore(0)
        self._wake = asyncio.Semaphore(0)

    async def _sleep(self, _seconds: float) -> None:
        self._resting.release()
        await self._wake.acquire()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.watch.run())
        try:
            await self._resting.acquire()
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def look(self, left: timedelta | None = None) -> list[Level]:
        """left: so long before END."""
        if left is not None:
            self.now = END - left
        self._wake.release()
        await self._resting.acquire()
        return [state.level for state in self.watch.states()]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"), "hub-ca")


@pytest.fixture(scope="module")
def pair(authority: Authority) -> Pair:
    return authority.issue("DEABC", end=END.strftime("%Y%m%d%H%M%SZ"))


@pytest.fixture(scope="module")
def renewed(authority: Authority) -> Pair:
    return authority.issue("DEABC-renewed")


@pytest.fixture
def bench(tmp_path: Path, pair: Pair, caplog: Log) -> Bench:
    caplog.set_level(logging.INFO, "roampost.certificates")
    return Bench(Files(Path(shutil.copy(pair.cert, tmp_path / "client.pem")), pair.key))


def told(caplog: Log) -> list[tuple[str, str]]:
    return [(record.levelname, record.getMessage()) for record in caplog.records]


async def test_each_level_is_told_once_and_the_last_week_is_an_error(bench: Bench, caplog: Log) -> None:
    async with bench.running():
        for days in range(100, -5, -1):
            await bench.look(days * DAY - timedelta(hours=1))
    cert = f"hub hubject: cert_file '{bench.files.cert_file}'"
    advice = "ask the hub for a new one: roampost cert request"
    assert told(caplog) == [
        ("WARNING", f"{cert} runs out in 59 days, on 2027-06-01; {advice}"),
        ("WARNING", f"{cert} runs out in 29 days, on 2027-06-01; {advice}"),
        ("ERROR", f"{cert} runs out in 6 days, on 2027-06-01; {advice}"),
        ("ERROR", f"{cert} ran out 0 days ago, on 2027-06-01; {advice}"),
    ]


async def test_a_clock_that_is_not_trusted_raises_no_alarm_and_takes_none_back(bench: Bench, caplog: Log) -> None:
    bench.trusted = False
    async with bench.running():
        assert await bench.look(-400 * DAY) == [Level.UNKNOWN]
        bench.now = datetime(1970, 1, 1, tzinfo=UTC)
        assert await bench.look() == [Level.UNKNOWN]
        (state,) = bench.watch.states()
        assert (state.not_after, state.days_left, state.text) == (END, None, "")
        assert list(bench.watch.alarms()) == []
        assert told(caplog) == []
        bench.trusted = True
        assert await bench.look(20 * DAY) == [Level.NEAR]
        bench.trusted = False
        await bench.look()
        bench.trusted = True
        await bench.look()
    assert len(told(caplog)) == 1


async def test_a_renewed_file_ends_the_alarm_at_the_next_look(bench: Bench, renewed: Pair, caplog: Log) -> None:
    async with bench.running():
        assert await bench.look(3 * DAY) == [Level.URGENT]
        shutil.copy(renewed.cert, bench.files.cert_file)
        assert await bench.look() == [Level.FINE]
        assert list(bench.watch.alarms()) == []
    assert [level for level, _ in told(caplog)] == ["ERROR", "INFO"]
    assert "is valid until 2090-01-01" in told(caplog)[1][1]


async def test_a_file_that_cannot_be_read_is_told_once_for_each_reason(bench: Bench, pair: Pair, caplog: Log) -> None:
    cert = bench.files.cert_file
    async with bench.running():
        cert.write_text("half")
        assert await bench.look() == [Level.UNKNOWN]
        await bench.look()
        cert.unlink()
        await bench.look()
        await bench.look()
        (alarm,) = bench.watch.alarms()
        assert alarm == f"hub hubject: cert_file '{cert}' cannot be read: No such file or directory"
        shutil.copy(pair.cert, cert)
        assert await bench.look() == [Level.FINE]
    assert [level for level, _ in told(caplog)] == ["WARNING", "WARNING", "INFO"]


async def test_a_certificate_of_the_future_points_to_the_clock(bench: Bench, caplog: Log) -> None:
    bench.now = datetime(2019, 1, 1, tzinfo=UTC)
    async with bench.running():
        assert await bench.look() == [Level.EARLY]
    ((level, text),) = told(caplog)
    assert level == "WARNING"
    assert "is not valid before 2020-01-01, and this machine's clock says 2019-01-01; check the clock" in text


async def test_of_an_authority_file_counts_what_lasts_longest(
    pair: Pair, authority: Authority, tmp_path: Path, caplog: Log
) -> None:
    """An old root may stay beside the new one; the last one to end takes the hub with it."""
    old = authority.issue("old", end="20210101000000Z", constraints="critical,CA:TRUE")
    ca_file = tmp_path / "ca.pem"
    ca_file.write_text(old.cert.read_text() + pair.cert.read_text())
    bench = Bench(Files(old.cert, old.key, ca_file))
    async with bench.running():
        assert await bench.look(90 * DAY) == [Level.EXPIRED, Level.FINE]
        assert await bench.look(50 * DAY) == [Level.EXPIRED, Level.SOON]
        alarms = list(bench.watch.alarms())
    assert [state.what for state in bench.watch.states()] == ["cert_file", "ca_file"]
    assert alarms[1].endswith("runs out in 50 days, on 2027-06-01; ask the hub for its new CA files")


async def test_nothing_is_said_before_the_first_look(bench: Bench) -> None:
    (state,) = bench.watch.states()
    assert (state.hub, state.level, state.text) == ("hubject", Level.UNKNOWN, "")
    assert list(bench.watch.alarms()) == []


async def test_a_hub_that_knows_us_by_a_key_has_an_authority_that_runs_out_all_the_same(tmp_path: Path) -> None:
    authority = Authority(tmp_path, "root").pair.cert
    watch = CertificateWatch({"surf": {"ca_file": authority}}, lambda: END, lambda: True)
    assert [(one.hub, one.what, one.file) for one in watch.states()] == [("surf", "ca_file", authority)]
