"""What a person changes: through the running agent; messages also in the database of a stopped one."""

import argparse
import asyncio
import os
from collections.abc import Callable
from pathlib import Path

from roampost.cli import text
from roampost.cli.daemon import command
from roampost.cli.database import reading, writing
from roampost.cli.exits import CliError, Exit
from roampost.cli.settings import station_of
from roampost.config.model import Station
from roampost.control.client import NoDaemonError
from roampost.store.changes import Who
from roampost.store.reading import outbox_one
from roampost.store.store import Store

Hand = Callable[[Store, int, Who], "asyncio.Future[None]"]


def requeue(args: argparse.Namespace) -> int:
    def hand(store: Store, seq: int, who: Who) -> "asyncio.Future[None]":
        return store.requeue(seq, who=who)

    return _messages(args, "outbox.requeue", hand, "is queued again")


def discard(args: argparse.Namespace) -> int:
    def hand(store: Store, seq: int, who: Who) -> "asyncio.Future[None]":
        return store.discard(seq, args.reason, who=who)

    return _messages(args, "outbox.discard", hand, "will not be sent", reason=args.reason)


def full_load(args: argparse.Namespace) -> int:
    station = station_of(args.config)
    try:
        command(station.socket, "hub.full_load", hub=args.hub, accept_missing=args.accept_missing)
    except NoDaemonError as error:
        raise CliError(Exit.NOT_THERE, f"{error}; start it first") from None
    _say(args, f"a fullLoad of all statuses to {args.hub} is queued", hub=args.hub)
    return Exit.OK


def enable(args: argparse.Namespace) -> int:
    return _running(args, "evse.enable", f"{args.evse_id} is in service")


def disable(args: argparse.Namespace) -> int:
    return _running(args, "evse.disable", f"{args.evse_id} is out of service")


def acknowledge(args: argparse.Namespace) -> int:
    return _running(args, "fault.ack", f"fault {args.fault} of {args.evse_id} is acknowledged", fault=args.fault)


def commission(args: argparse.Namespace) -> int:
    station = station_of(args.config)
    try:
        answer = command(station.socket, "device.commission", device=args.device)
    except NoDaemonError as error:
        raise CliError(Exit.NOT_THERE, f"{error}; start it first") from None
    written = isinstance(answer, dict) and answer.get("written") is True
    done = "holds its safe default now" if written else "held its safe default already"
    _say(args, f"{args.device} {done}", device=args.device, written=written)
    return Exit.OK


def _running(args: argparse.Namespace, name: str, done: str, **more: object) -> int:
    """Only a running agent can do this: it is about hardware."""
    station = station_of(args.config)
    try:
        command(station.socket, name, evse_id=args.evse_id, reason=args.reason, **more)
    except NoDaemonError as error:
        raise CliError(Exit.NOT_THERE, f"{error}; start it first") from None
    _say(args, done, evse_id=args.evse_id, **more)
    return Exit.OK


def _messages(args: argparse.Namespace, name: str, hand: Hand, done: str, **more: object) -> int:
    station = station_of(args.config)
    try:
        for seq in args.seq:
            command(station.socket, name, seq=seq, **more)
            _say(args, f"message {seq} {done}", seq=seq)
    except NoDaemonError:
        _stopped(args, station, hand, done)
    return Exit.OK


def _stopped(args: argparse.Namespace, station: Station, hand: Hand, done: str) -> None:
    """No agent runs: the store is locked, so that none starts meanwhile."""
    who = Who(uid=os.getuid(), pid=os.getpid())
    for seq in args.seq:
        _must_exist(station.database, seq)

    async def all_of_them(store: Store) -> None:
        for seq in args.seq:
            await hand(store, seq, who)
            _say(args, f"message {seq} {done} when the agent runs", seq=seq)

    with writing(station.database) as store:
        asyncio.run(all_of_them(store))


def _must_exist(database: Path, seq: int) -> None:
    with reading(database) as connection:
        if outbox_one(connection, seq) is None:
            raise CliError(Exit.NOT_FOUND, f"there is no message {seq}")


def _say(args: argparse.Namespace, sentence: str, **facts: object) -> None:
    text.say(text.as_json({"done": sentence, **facts}) if args.json else sentence)
