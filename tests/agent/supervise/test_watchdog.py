"""The sign of life, and who withholds it."""

import asyncio
import threading

import pytest

from roampost.supervise.notify import Notifier
from roampost.supervise.watchdog import Watchdog
from tests.agent.supervise.hands import Hands


class Said(Notifier):
    """Keeps what systemd would be told."""

    def __init__(self) -> None:
        super().__init__(None)
        self.words: list[str] = []

    def _send(self, *lines: str) -> bool:
        self.words += lines
        return True

    def signs(self) -> int:
        return self.words.count("WATCHDOG=1")


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def said() -> Said:
    return Said()


@pytest.fixture
def watchdog(hands: Hands, said: Said) -> Watchdog:
    return Watchdog(said, limit_s=30, mono_s=hands.mono_s, sleep=hands.sleep)


def test_the_sign_is_given_while_every_loop_turns(watchdog: Watchdog, hands: Hands, said: Said) -> None:
    first, second = watchdog.loop("bus rs485", within_s=10), watchdog.loop("lane", within_s=10)
    for _ in range(5):
        hands.now_s += 9
        first()
        second()
        assert watchdog.check() == ()
    assert said.words == ["WATCHDOG=1"] * 5


def test_one_loop_that_hangs_withholds_the_sign_and_is_named(
    watchdog: Watchdog, hands: Hands, said: Said, caplog: pytest.LogCaptureFixture
) -> None:
    watchdog.say("2 EVSEs")
    turning = watchdog.loop("lane", within_s=10)
    watchdog.loop("bus rs485", within_s=10)
    hands.now_s += 10.5
    turning()
    assert watchdog.check() == ("bus rs485",)
    assert watchdog.check() == ("bus rs485",)
    assert said.words == ["STATUS=2 EVSEs", "STATUS=hanging: bus rs485"]
    assert len(caplog.records) == 1


def test_the_sign_comes_back_with_the_loop(watchdog: Watchdog, hands: Hands, said: Said) -> None:
    watchdog.say("2 EVSEs")
    beat = watchdog.loop("bus rs485", within_s=10)
    hands.now_s += 11
    watchdog.check()
    watchdog.say("3 EVSEs")
    beat()
    assert watchdog.check() == ()
    assert said.words[-2:] == ["WATCHDOG=1", "STATUS=3 EVSEs"]


def test_a_loop_that_rests_on_purpose_is_not_hanging(watchdog: Watchdog, hands: Hands) -> None:
    beat = watchdog.loop("lane", within_s=10)
    beat.rest(hands.now_s + 300)
    hands.now_s += 309
    assert watchdog.check() == ()
    hands.now_s += 2
    assert watchdog.check() == ("lane",)


def test_a_beat_may_come_from_another_thread(watchdog: Watchdog, hands: Hands) -> None:
    beat = watchdog.loop("store", within_s=1)
    hands.now_s += 5
    writer = threading.Thread(target=beat)
    writer.start()
    writer.join()
    assert watchdog.check() == ()


async def test_the_sign_is_given_three_times_within_the_limit(watchdog: Watchdog, hands: Hands, said: Said) -> None:
    running = asyncio.create_task(watchdog.run())
    await hands.forward(59)
    assert hands.slept == [10.0] * 6
    assert said.signs() == 6
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
