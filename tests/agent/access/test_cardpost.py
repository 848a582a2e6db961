"""Lists that a hub posts: whole, one after the other, on the disk before they are acknowledged."""

import asyncio
import os
import random
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path

import pytest

from roampost.access.cardfile import CardFile, write_cards
from roampost.access.cardkey import DIGEST_BYTES, CardKey
from roampost.access.cardlist import FIRST_S, CardLists, Source, list_path
from roampost.access.cardpost import new_cards
from roampost.access.remote import RemoteDesk
from roampost.hubs.base import CardList
from roampost.hubs.remote import Outcome, ReplaceCards
from tests.agent.evse.makers import at
from tests.agent.loop.rig import HandClock

A, B, C = "044A2DAA856280", "04A1B2C3", "04B1B2C3D4E5F607B8C9"
KEY = CardKey(bytes(range(32)))


class Never:
    """A hub that posts its list is not asked for it."""

    async def pull_cards(self) -> CardList:
        raise AssertionError("nobody may ask for this list")


class Once:
    """A hub that is asked for its list."""

    async def pull_cards(self) -> CardList:
        return CardList(frozenset({A}))


@asynccontextmanager
async def lists(folder: Path, clock: HandClock | None = None, key: CardKey = KEY) -> AsyncIterator[CardLists]:
    """Two hubs that post, one that is asked every hour."""
    sources: dict[str, Source] = {"post": Never(), "other": Never(), "pull": Once()}
    hours = {"pull": 3_600.0}
    found = CardLists(sources, hours, folder, key, clock or HandClock(), random.Random(1), posted=("post", "other"))
    await found.load()
    try:
        yield found
    finally:
        found.close()


def held(found: CardLists, hub: str = "post") -> set[str]:
    listed = {uid: found.listed(hub, uid) for uid in (A, B, C)}
    return {uid for uid, one in listed.items() if one is not None and one.held}


def counts(found: CardLists) -> dict[str, int | None]:
    return {one.hub: one.count for one in found.states()}


# -- the whole list ---------------------------------------------------------------------------------------------


async def test_a_posted_list_is_the_whole_word_and_tells_how_many_are_new(tmp_path: Path) -> None:
    async with lists(tmp_path) as found:
        assert found.listed("post", A) is None
        first = await found.replace("post", frozenset({A, B}))
        assert (first.outcome, first.new_cards) == (Outcome.DONE, 2)
        assert held(found) == {A, B}
        second = await found.replace("post", frozenset({B.lower(), C}))
        assert (second.outcome, second.new_cards) == (Outcome.DONE, 1)
        assert held(found) == {B, C}
        assert (await found.replace("post", frozenset({B, C}))).new_cards == 0
        empty = await found.replace("post", frozenset())
        assert (empty.outcome, empty.new_cards, held(found)) == (Outcome.DONE, 0, set())
        assert counts(found) == {"post": 0, "other": None, "pull": None}


async def test_each_hub_s_list_is_its_own(tmp_path: Path) -> None:
    async with lists(tmp_path) as found:
        await found.replace("post", frozenset({A}))
        assert (await found.replace("other", frozenset({A, B}))).new_cards == 2
        await found.replace("post", frozenset())
        assert (held(found), held(found, "other")) == (set(), {A, B})
        assert (await found.replace("stranger", frozenset({A}))).outcome is Outcome.REFUSED
        assert not list_path(tmp_path, "stranger").exists()


async def test_a_restart_keeps_it_with_its_age_and_nobody_asks_for_it(tmp_path: Path) -> None:
    clock = HandClock()
    async with lists(tmp_path, clock) as found:
        await found.replace("post", frozenset({A}))
    clock.reboot()
    clock.now_s += 100
    async with lists(tmp_path, clock) as found:
        assert held(found) == {A}
        listed = found.listed("post", A)
        assert listed is not None
        assert listed.age_s == pytest.approx(100, abs=1)
        clock.now_s += 10 * FIRST_S[1]
        await found.turn()
        assert counts(found) == {"post": 1, "other": None, "pull": 1}


async def test_a_hub_that_is_asked_may_post_too(tmp_path: Path) -> None:
    clock = HandClock()
    async with lists(tmp_path, clock) as found:
        clock.now_s += FIRST_S[1]
        await found.turn()
        assert (await found.replace("pull", frozenset({A, B}))).new_cards == 1
        assert held(found, "pull") == {A, B}


# -- the disk ---------------------------------------------------------------------------------------------------


async def test_where_the_disk_takes_no_list_the_one_before_it_stays(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with lists(tmp_path) as found:
        await found.replace("post", frozenset({A}))
        made = list_path(tmp_path, "post").with_name("cards-post.list.new")
        made.mkdir()
        for _ in range(2):
            failed = await found.replace("post", frozenset({B, C}))
            assert (failed.outcome, failed.new_cards) == (Outcome.FAILED, None)
        assert held(found) == {A}
        (state,) = [one for one in found.states() if one.hub == "post"]
        assert "cannot be written" in (state.trouble or "")
        warned = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
        assert len(warned) == 1
        made.rmdir()
        assert (await found.replace("post", frozenset({A, B}))).new_cards == 1
        assert [one.trouble for one in found.states()] == [None, None, None]


async def test_a_list_that_was_damaged_or_of_another_key_counts_as_none(tmp_path: Path) -> None:
    write_cards(list_path(tmp_path, "post"), CardKey(bytes(32)), [A], at(5))
    async with lists(tmp_path) as found:
        assert (await found.replace("post", frozenset({A}))).new_cards == 1
        os.truncate(list_path(tmp_path, "post"), 60)
        assert (await found.replace("post", frozenset({A, B}))).new_cards == 2
        assert held(found) == {A, B}


async def test_no_card_number_is_on_the_disk_or_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    async with lists(tmp_path) as found:
        reply = await found.replace("post", frozenset({A}))
    data = list_path(tmp_path, "post").read_bytes()
    assert A.encode() not in data
    assert bytes.fromhex(A) not in data
    assert A not in caplog.text + reply.text


class HeldUp:
    """Card numbers whose writing stands still in its thread until it is let go."""

    def __init__(self, *uids: str) -> None:
        self.uids = uids
        self.begun = threading.Event()
        self.go = threading.Event()

    def __iter__(self) -> Iterator[str]:
        self.begun.set()
        assert self.go.wait(30)
        return iter(self.uids)


async def test_two_at_once_go_one_after_the_other_and_the_last_one_wins(tmp_path: Path) -> None:
    async with lists(tmp_path) as found:
        slow = HeldUp(A, B)
        first = asyncio.ensure_future(found.replace("post", slow))
        assert await asyncio.to_thread(slow.begun.wait, 30)
        second = asyncio.ensure_future(found.replace("post", [B, C]))
        # Another hub's list does not wait.
        assert (await found.replace("other", [C])).outcome is Outcome.DONE
        assert not second.done()
        assert held(found) == set()
        slow.go.set()
        assert ((await first).new_cards, (await second).new_cards) == (2, 1)
        assert held(found) == {B, C}


# -- many cards -------------------------------------------------------------------------------------------------


def test_new_cards_are_counted_over_more_than_one_chunk(tmp_path: Path) -> None:
    rng = random.Random(3)
    uids = [f"{number:08X}" for number in rng.sample(range(1 << 32), 70_000)]
    assert len(uids) * DIGEST_BYTES > 1 << 20
    for name, some in (("before", uids[:66_000]), ("now", uids[1_000:])):
        write_cards(tmp_path / name, KEY, some, at(5))
    with closing(CardFile(tmp_path / "before")) as before, closing(CardFile(tmp_path / "now")) as now:
        assert new_cards(before, now) == 4_000
        assert new_cards(now, before) == 1_000
        digests = list(now.digests())
        assert digests == sorted(digests)
        assert len(digests) == 69_000


# -- through the front ------------------------------------------------------------------------------------------


async def test_a_hub_posts_its_list_through_the_front(tmp_path: Path) -> None:
    async with lists(tmp_path) as found:
        desk = RemoteDesk({}, lambda _: (), {}, clock=HandClock(), new_id=str, replace_cards=found.replace)
        wanted = ReplaceCards("post", frozenset({A, B}))
        both = await asyncio.gather(desk.take(wanted), desk.take(wanted))
        assert [(one.outcome, one.new_cards) for one in both] == [(Outcome.DONE, 2)] * 2
        other = await asyncio.gather(desk.take(replace(wanted, uids=frozenset({C}))), desk.take(wanted))
        assert [one.new_cards for one in other] == [1, 2]
        assert held(found) == {A, B}


async def test_without_a_list_the_hub_hears_that_there_is_none() -> None:
    desk = RemoteDesk({}, lambda _: (), {}, clock=HandClock(), new_id=str)
    assert (await desk.take(ReplaceCards("post", frozenset({A})))).outcome is Outcome.REFUSED
