"""Lists of cards on real files: hashed at rest, whole or not there, pulled on a schedule and never to probe."""

import os
import random
import stat
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from roampost.access.cardfile import CardFile, CardFileError, write_cards
from roampost.access.cardkey import CardKey, CardKeyError, load_key, load_or_make_key, uid_of
from roampost.access.cardlist import FIRST_S, CardLists, ListState, list_path
from roampost.access.owncards import OwnCards
from roampost.domain.stamp import Stamp
from roampost.hubs.base import Answer, Arrival, CardList, Verdict
from tests.agent.evse.makers import at
from tests.agent.loop.rig import HandClock

UID, OTHER = "044A2DAA856280", "04A1B2C3"
KEY = CardKey(bytes(range(32)))
HOUR_S = 3_600.0
OFFLINE = Answer(Verdict.RETRY, Arrival.NO, "the hub cannot be reached")


class Provider:
    """A hub's list, and how often it was called."""

    def __init__(self, *answers: CardList | Answer) -> None:
        self.answers = list(answers)
        self.called_s: list[float] = []
        self.clock = HandClock()

    async def pull_cards(self) -> CardList | Answer:
        self.called_s.append(self.clock.now_s)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class DriftingClock(HandClock):
    """A clock that may be told to be trusted by nobody."""

    def __init__(self) -> None:
        super().__init__()
        self.trusted = True

    def stamp(self) -> Stamp:
        return super().stamp().model_copy(update={"trusted": self.trusted})


def cards(*uids: str) -> CardList:
    return CardList(frozenset(uids))


class Desk:
    """Lists of one hub, and time that passes in turns of twenty seconds."""

    def __init__(self, folder: Path, provider: Provider, *, every_h: float = 24, key: CardKey = KEY) -> None:
        self.clock = DriftingClock()
        self.provider = provider
        provider.clock = self.clock
        self.online = True
        self.spent: list[tuple[str, str]] = []
        self.folder = folder
        self.lists = CardLists(
            {"hubject": provider},
            {"hubject": every_h * HOUR_S},
            folder,
            key,
            self.clock,
            random.Random(1),
            lambda _hub: self.online,
            lambda hub, kind: self.spent.append((hub, kind)),
        )

    async def spend(self, seconds: float) -> None:
        for _ in range(int(seconds / 20)):
            self.clock.now_s += 20
            await self.lists.turn()

    def state(self) -> ListState:
        (found,) = self.lists.states()
        return found


@asynccontextmanager
async def opened(
    folder: Path, *answers: CardList | Answer, every_h: float = 24, key: CardKey = KEY
) -> AsyncIterator[Desk]:
    desk = Desk(folder, Provider(*answers), every_h=every_h, key=key)
    await desk.lists.load()
    try:
        yield desk
    finally:
        desk.lists.close()


# -- the key ----------------------------------------------------------------------------------------------------


def test_a_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "cards.key"
    made = load_or_make_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_or_make_key(path) == made
    assert load_or_make_key(tmp_path / "another.key") != made
    assert sorted(one.name for one in tmp_path.iterdir()) == ["another.key", "cards.key"]


def test_a_key_that_is_none_is_told_in_words(tmp_path: Path) -> None:
    path = tmp_path / "cards.key"
    with pytest.raises(CardKeyError, match="cannot be read: No such file"):
        load_key(path)
    path.write_text("secret")
    with pytest.raises(CardKeyError, match="holds no key") as caught:
        load_or_make_key(path)
    assert "secret" not in str(caught.value)
    with pytest.raises(CardKeyError, match="cannot be made"):
        load_or_make_key(tmp_path / "no" / "folder.key")


def test_a_key_does_not_show_itself() -> None:
    assert KEY.secret.hex() not in f"{KEY!r} {KEY.id}"
    assert KEY.digest(UID) != CardKey(bytes(32)).digest(UID)


@pytest.mark.parametrize(
    ("text", "uid"),
    [("04:a1:b2:c3", OTHER), (OTHER, OTHER), ("04-A1-B2-C3", OTHER), ("04A1B2", None), ("04A1B2CG", None), ("", None)],
)
def test_a_card_number_has_one_spelling(text: str, uid: str | None) -> None:
    assert uid_of(text) == uid


# -- the file ---------------------------------------------------------------------------------------------------


def written(path: Path, uids: Iterable[str]) -> CardFile:
    write_cards(path, KEY, uids, at(5))
    return CardFile(path)


def test_every_card_of_a_list_is_found_and_no_other(tmp_path: Path) -> None:
    rng = random.Random(7)
    listed = {f"{rng.getrandbits(56):014X}" for _ in range(5_000)}
    others = {f"{rng.getrandbits(32):08X}" for _ in range(5_000)}
    path = tmp_path / "cards"
    file = written(path, listed)
    assert file.head.count == 5_000
    assert all(file.holds(KEY.digest(uid)) for uid in listed)
    assert not any(file.holds(KEY.digest(uid)) for uid in others)
    assert path.stat().st_size < 5_000 * 16 + 500
    file.close()


def test_the_file_holds_no_card_number_and_is_its_owner_s(tmp_path: Path) -> None:
    path = tmp_path / "cards"
    written(path, [UID, UID.lower(), OTHER]).close()
    data = path.read_bytes()
    assert UID.encode() not in data
    assert bytes.fromhex(UID) not in data
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["cards"]


def test_a_card_in_two_spellings_counts_once(tmp_path: Path) -> None:
    file = written(tmp_path / "cards", [UID, UID.lower()])
    assert file.head.count == 1
    file.close()


def test_what_was_left_by_a_crash_is_written_over(tmp_path: Path) -> None:
    left = tmp_path / "cards.new"
    left.write_text("half a list, readable to all")
    left.chmod(0o644)
    path = tmp_path / "cards"
    written(path, [UID]).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not left.exists()


@pytest.mark.parametrize("place", [0, 20, 40, 90, -20, -1])
def test_one_damaged_byte_anywhere_is_found(tmp_path: Path, place: int) -> None:
    path = tmp_path / "cards"
    written(path, [UID, OTHER]).close()
    data = bytearray(path.read_bytes())
    data[place] ^= 0x01
    path.write_bytes(data)
    with pytest.raises(CardFileError):
        CardFile(path)


@pytest.mark.parametrize("length", [0, 10, 26, 100, 160])
def test_a_file_that_was_cut_short_is_found(tmp_path: Path, length: int) -> None:
    path = tmp_path / "cards"
    written(path, [UID, OTHER]).close()
    assert path.stat().st_size > length
    os.truncate(path, length)
    with pytest.raises(CardFileError):
        CardFile(path)


def test_a_file_that_is_cut_short_while_it_is_open_is_an_error_and_no_crash(tmp_path: Path) -> None:
    path = tmp_path / "cards"
    file = written(path, [UID, OTHER])
    os.truncate(path, 30)
    with pytest.raises(CardFileError, match="cut short"):
        file.holds(KEY.digest(UID))
    file.close()


# -- pulling ----------------------------------------------------------------------------------------------------


async def test_a_list_is_pulled_some_minutes_after_the_start_and_asked_by_card(tmp_path: Path) -> None:
    async with opened(tmp_path, cards(UID)) as desk:
        assert desk.lists.listed("hubject", UID) is None
        await desk.spend(FIRST_S[0] - 20)
        assert desk.provider.called_s == []
        await desk.spend(FIRST_S[1])
        assert len(desk.provider.called_s) == 1
        assert desk.spent == [("hubject", "pull_cards")]
        known = desk.lists.listed("hubject", UID.lower())
        assert known is not None
        assert known.held
        other = desk.lists.listed("hubject", OTHER)
        assert other is not None
        assert not other.held
        assert desk.lists.listed("second", UID) is None


async def test_the_next_list_replaces_the_last_one_within_the_interval(tmp_path: Path) -> None:
    async with opened(tmp_path, cards(UID), cards(OTHER), every_h=6) as desk:
        await desk.spend(900)
        await desk.spend(6 * HOUR_S)
        first_s, second_s = desk.provider.called_s
        assert 0.9 * 6 * HOUR_S <= second_s - first_s <= 6 * HOUR_S + 20
        known = desk.lists.listed("hubject", UID)
        assert known is not None
        assert not known.held


async def test_an_empty_list_is_the_hub_s_word_too(tmp_path: Path) -> None:
    async with opened(tmp_path, cards(UID), cards(), every_h=1) as desk:
        await desk.spend(2 * HOUR_S)
        assert desk.state().count == 0


async def test_a_list_outlives_a_restart_and_is_not_pulled_before_its_time(tmp_path: Path) -> None:
    async with opened(tmp_path, cards(UID)) as desk:
        await desk.spend(900)
    async with opened(tmp_path, cards(UID)) as again:
        again.clock.now_s = desk.clock.now_s
        known = again.lists.listed("hubject", UID)
        assert known is not None
        assert known.held
        await again.spend(12 * HOUR_S)
        assert again.provider.called_s == []


async def test_the_age_is_told_by_the_boot_s_own_clock_else_by_a_trusted_one_else_by_none(tmp_path: Path) -> None:
    async with opened(tmp_path, cards(UID)) as desk:
        desk.clock.trusted = False
        await desk.spend(900)
        pulled_s = desk.provider.called_s[0]
        age_s = desk.state().age_s
        assert age_s == pytest.approx(desk.clock.now_s - pulled_s, abs=0.01)
        desk.clock.reboot()
        assert desk.state().age_s is None
        desk.clock.trusted = True
        # It was pulled when nobody had set the clock: no clock tells how old it is.
        assert desk.state().age_s is None


async def test_a_trusted_clock_tells_the_age_across_boots(tmp_path: Path) -> None:
    async with opened(tmp_path, cards(UID)) as desk:
        await desk.spend(900)
        before_s = desk.state().age_s
        desk.clock.reboot()
        desk.clock.now_s += 100
        assert before_s is not None
        assert desk.state().age_s == pytest.approx(before_s + 100, abs=0.01)


async def test_an_unreachable_hub_is_not_called_and_not_probed(tmp_path: Path) -> None:
    async with opened(tmp_path, cards(UID)) as desk:
        desk.online = False
        await desk.spend(6 * HOUR_S)
        assert desk.provider.called_s == []
        desk.online = True
        await desk.spend(80)
        assert len(desk.provider.called_s) == 1


async def test_failures_are_further_and_further_apart_and_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(tmp_path, OFFLINE) as desk:
        await desk.spend(24 * HOUR_S)
        called_s = desk.provider.called_s
        gaps = [after - before for before, after in pairwise(called_s)]
        assert min(gaps) >= 60
        assert max(gaps) <= HOUR_S + 20
        assert sum(gaps[-5:]) > 3 * sum(gaps[:5])
        warned = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
        assert warned == ["hubject: the list of cards could not be pulled: the hub cannot be reached"]
        assert desk.state() == ListState("hubject", None, None, "the hub cannot be reached")


async def test_the_hub_s_own_pause_is_kept(tmp_path: Path) -> None:
    wait = Answer(Verdict.RETRY, Arrival.NO, "too many requests", retry_after_s=3_000)
    async with opened(tmp_path, wait, cards(UID)) as desk:
        await desk.spend(2 * HOUR_S)
        first_s, second_s = desk.provider.called_s
        assert second_s - first_s >= 3_000


async def test_a_failed_pull_leaves_the_list_before_it(tmp_path: Path) -> None:
    async with opened(tmp_path, cards(UID), OFFLINE, every_h=1) as desk:
        await desk.spend(3 * HOUR_S)
        assert len(desk.provider.called_s) > 1
        known = desk.lists.listed("hubject", UID)
        assert known is not None
        assert known.held


async def test_a_disk_that_takes_no_list_is_a_failure_like_another(tmp_path: Path) -> None:
    list_path(tmp_path, "hubject").with_name("cards-hubject.list.new").mkdir()
    async with opened(tmp_path, cards(UID)) as desk:
        await desk.spend(900)
        state = desk.state()
        assert state.trouble is not None
        assert "cannot be written" in state.trouble


async def test_a_damaged_list_counts_as_none_with_one_warning_and_is_pulled_anew(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(tmp_path, cards(UID)) as desk:
        await desk.spend(900)
        os.truncate(list_path(tmp_path, "hubject"), 50)
        for _ in range(3):
            assert desk.lists.listed("hubject", UID) is None
        warned = [record for record in caplog.records if record.levelname == "WARNING"]
        assert len(warned) == 1
        await desk.spend(FIRST_S[1])
        assert desk.lists.listed("hubject", UID) is not None
        assert desk.state().trouble is None


async def test_a_list_of_another_key_counts_as_none(tmp_path: Path) -> None:
    write_cards(list_path(tmp_path, "hubject"), CardKey(bytes(32)), [UID], at(5))
    async with opened(tmp_path, cards(UID)) as desk:
        assert desk.lists.listed("hubject", UID) is None
        assert "another key" in (desk.state().trouble or "")


# -- own cards --------------------------------------------------------------------------------------------------


def entry(uid: str, key: CardKey = KEY) -> str:
    return f"hmac-sha256:{key.id}:{key.digest(uid).hex()}"


def test_own_cards_are_known_by_their_digest_and_taken_up_when_the_file_changes(tmp_path: Path) -> None:
    path = tmp_path / "own"
    path.write_text(f"# vans\n\n{entry(UID)}  # van 3\n")
    own = OwnCards(path, KEY)
    assert own.line_of(UID.lower()) == 3
    assert not own.holds(OTHER)
    path.write_text(f"{entry(OTHER)}\n")
    assert own.holds(OTHER)
    assert not own.holds(UID)
    path.unlink()
    assert own.count() == 0


def test_bad_lines_and_foreign_keys_are_told_once_and_never_with_a_number(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "own"
    path.write_text(f"{OTHER}\n{entry(UID)}\n{entry(OTHER, CardKey(bytes(32)))}\n")
    own = OwnCards(path, KEY)
    assert [own.holds(UID), own.holds(OTHER)] == [True, False]
    assert "line 1 is a card number in the clear" in caplog.text
    assert "line 3 and 0 others were hashed with another key" in caplog.text
    assert len(caplog.records) == 2
    assert OTHER not in caplog.text


def test_a_file_that_is_not_there_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    own = OwnCards(tmp_path / "own", KEY)
    assert [own.holds(UID), own.holds(UID)] == [False, False]
    assert [record.getMessage() for record in caplog.records] == [
        f"own cards: {tmp_path / 'own'} cannot be used: No such file or directory"
    ]
