"""`roampost cards`: who may charge while no hub can be asked. Card numbers go in here and never come out."""

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from roampost.access.authorization import Listed, Policy, list_says_no
from roampost.access.cardfile import CardFile, CardFileError
from roampost.access.cardkey import CardKey, CardKeyError, load_key, load_or_make_key, uid_of
from roampost.access.cardlist import list_path
from roampost.access.owncards import OwnCards
from roampost.cli import text
from roampost.cli.exits import CliError, Exit
from roampost.cli.settings import become_owner_of, load_all, read_raw
from roampost.clock import Clock, SystemClock
from roampost.config.authorization import SCHEME, key_path
from roampost.config.load import ConfigError
from roampost.config.model import Config
from roampost.domain.stamp import elapsed_s
from roampost.domain.uid import mask_uid

_NUMBER = "a card number: 8, 14 or 20 hex digits"


@dataclass(frozen=True, slots=True)
class _List:
    """A hub's list as it lies on the disk. held is None where no card is asked for; trouble: why it is not used."""

    hub: str
    count: int | None = None
    age_s: float | None = None
    held: bool | None = None
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class _Says:
    """Whether somebody lets the card charge, and why or why not."""

    who: str
    allowed: bool
    why: str


def make(args: argparse.Namespace) -> int:
    """Lines for the file of own cards, from standard input; all of them or none.

    Works also while that file is wrong: this is how it is put right.
    """
    path = _key_file(args.config)
    cards = _given(sys.stdin)
    if not path.parent.is_dir():
        raise CliError(Exit.NOT_THERE, f"{path.parent} does not exist; make it, or correct station.database")
    become_owner_of(path.parent)
    key = _key(load_or_make_key, path)
    lines = [f"{SCHEME}:{key.id}:{key.digest(uid).hex()}{f'  # {note}' if note else ''}" for uid, note in cards]
    text.say(text.as_json(lines) if args.json else "\n".join(lines))
    return Exit.OK


def check(args: argparse.Namespace) -> int:
    """Whether the card would be allowed if no hub answered now, and by whom."""
    uid = uid_of(sys.stdin.readline().strip() if args.uid == "-" else args.uid)
    if uid is None:
        raise CliError(Exit.CONFIGURATION, f"this is not {_NUMBER}")
    config, _ = load_all(args.config)
    says = [_own_says(config, uid), *(_list_says(config, one) for one in _lists(config, uid))]
    if args.json:
        text.say(text.as_json([asdict(one) for one in says]))
    else:
        verdict = "may charge" if any(one.allowed for one in says) else "may not charge"
        rows = [(one.who, "yes" if one.allowed else "no", one.why) for one in says]
        text.say(f"Card {mask_uid(uid)} {verdict} while no hub answers.\n{text.table(('who', 'says', 'why'), rows)}")
    return Exit.OK


def status(args: argparse.Namespace) -> int:
    """How many cards are known and how old the lists are."""
    config, _ = load_all(args.config)
    own, lists = _own(config), _lists(config)
    if args.json:
        shown = [{name: value for name, value in asdict(one).items() if name != "held"} for one in lists]
        text.say(text.as_json({"own": None if own is None else own.count(), "lists": shown}))
        return Exit.OK
    rows = [] if own is None else [("own cards", str(own.count()), "-", "used at once, no hub is asked")]
    for one in lists:
        # As for a card that is on it: what is left to say no are the policy and the age.
        why = one.trouble or list_says_no(Listed(held=True, age_s=one.age_s), Policy.of(config.authorization))
        count = "-" if one.count is None else str(one.count)
        rows.append((f"list of {one.hub}", count, _age(one.age_s), why or f"used while {one.hub} does not answer"))
    text.say(text.table(("who", "cards", "age", "use"), rows) if rows else "Only a hub's word counts here.")
    return Exit.OK


def _key_file(config: Path) -> Path:
    raw = read_raw(config)
    try:
        return key_path(raw.authorization(), raw.station().database)
    except ConfigError as error:
        raise CliError(Exit.CONFIGURATION, *error.problems) from None


def _given(lines: Iterable[str]) -> list[tuple[str, str]]:
    """Card numbers, each with what stands behind it; a wrong line is named and never shown."""
    found: list[tuple[str, str]] = []
    wrong: list[str] = []
    for number, line in enumerate(lines, start=1):
        first, _, rest = line.strip().partition(" ")
        note, uid = rest.strip(" #\t"), uid_of(first)
        if any(uid_of(word) for word in note.split()):
            wrong.append(f"line {number} has more than one card number")
        elif uid is not None:
            found.append((uid, text.clean(note) if note else ""))
        elif first and not first.startswith("#"):
            wrong.append(f"line {number} does not begin with {_NUMBER}")
    if wrong:
        raise CliError(Exit.FAILED, *wrong)
    return found


def _own(config: Config) -> OwnCards | None:
    settings = config.authorization
    if settings.own_cards_file is None:
        return None
    return OwnCards(settings.own_cards_file, _key(load_key, key_path(settings, config.station.database)))


def _own_says(config: Config, uid: str) -> _Says:
    own = _own(config)
    line = None if own is None else own.line_of(uid)
    file = config.authorization.own_cards_file
    why = "no own_cards_file is configured" if own is None else f"not in {file}"
    return _Says("own cards", line is not None, why if line is None else f"line {line} of {file}")


def _list_says(config: Config, one: _List) -> _Says:
    why_not = one.trouble or list_says_no(Listed(bool(one.held), one.age_s), Policy.of(config.authorization))
    return _Says(
        f"list of {one.hub}", why_not is None, why_not or f"the card is on it; the list is {_age(one.age_s)} old"
    )


def _lists(config: Config, uid: str | None = None) -> Sequence[_List]:
    hubs = [name for name, hub in config.hubs.items() if hub.has_cards]
    if not hubs:
        return ()
    key = _key(load_key, key_path(config.authorization, config.station.database))
    clock = SystemClock(trust=config.clock.trust, sync_files=config.clock.sync_files)
    return [_list(hub, list_path(config.station.database.parent, hub), key, clock, uid) for hub in hubs]


def _list(hub: str, path: Path, key: CardKey, clock: Clock, uid: str | None) -> _List:
    try:
        with closing(CardFile(path)) as file:
            if file.head.key_id != key.id:
                return _List(hub, trouble="it was written with another key")
            held = None if uid is None else file.holds(key.digest(uid))
            return _List(hub, file.head.count, elapsed_s(file.head.pulled, clock.stamp()), held)
    except FileNotFoundError:
        return _List(hub, trouble="there is none yet")
    except OSError as error:
        return _List(hub, trouble=f"{path} cannot be read: {error.strerror}")
    except CardFileError as error:
        return _List(hub, trouble=str(error))


def _key(get: Callable[[Path], CardKey], path: Path) -> CardKey:
    try:
        return get(path)
    except CardKeyError as error:
        raise CliError(Exit.FAILED, str(error)) from None


def _age(age_s: float | None) -> str:
    return "-" if age_s is None else text.age(int(age_s * 1000))
