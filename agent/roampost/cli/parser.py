"""Commands and options. What a command does is named by text ("module:function") and imported later."""

import argparse
from pathlib import Path
from typing import Any

from roampost import __version__
from roampost.cli.exits import MEANING
from roampost.cli.paths import DEFAULT_CONFIG, RUN

_CERT = "roampost.cli.cert:"
_LIVE = ("queued", "sending", "held", "parked")
_STATES = (*_LIVE, "delivered", "unconfirmed", "superseded", "discarded", "refused")
_DATA_KINDS = ("evse_data", "evse_data_set", "station_data", "pricing_products", "evse_pricing")
_SITE_KINDS = ("status", "full_load", *_DATA_KINDS)
_KINDS = ("late_authorization", "start", "end", "error", "cdr", *_SITE_KINDS)


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="roampost",
        description="The agent of a charging station, and the hands of its operator.",
        epilog="exit codes:\n" + "\n".join(f"  {code.value}  {text}" for code, text in MEANING.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"roampost {__version__}")
    parser.add_argument("--config", type=Path, default=DEFAULT_CONFIG, help=f"default {DEFAULT_CONFIG}")
    commands = parser.add_subparsers(metavar="command", required=True)
    _add(commands, "run", "run the agent", RUN)
    _add(commands, "check", "say everything that is wrong with the configuration", "roampost.cli.check:run")
    _add(commands, "status", "what state each EVSE is in, since when and why; what waits", "roampost.cli.status:run")
    _add(commands, "readings", "what the devices say right now", "roampost.cli.readings:run")
    _add(commands, "migrate", "bring the database to this version's schema", "roampost.cli.migrate:run")
    commission = _add(
        commands, "commission", "write a controller's safe default, once", "roampost.cli.hands:commission"
    )
    commission.add_argument("device", help="its name in the configuration")
    _outbox(_group(commands, "outbox", "messages to the hubs"))
    _evse(_group(commands, "evse", "take an EVSE into or out of service"))
    _cert(_group(commands, "cert", "the certificates by which a hub knows us"))
    _cards(_group(commands, "cards", "who may charge while no hub can be asked"))
    _hub(_group(commands, "hub", "what a hub holds of this station"))
    _poi(_group(commands, "poi", "what drivers' apps are told about the EVSEs"))
    _sessions(_add(commands, "sessions", "charging sessions, youngest first", "roampost.cli.sessions:run"))
    audit = _add(commands, "audit", "who did what, youngest first", "roampost.cli.audit:run")
    audit.add_argument("--limit", type=_positive, default=50, metavar="ROWS")
    _fault(_group(commands, "fault", "faults that stay until a person acknowledges them"))
    return parser


def _add(commands: Any, name: str, help_text: str, handler: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=help_text, description=help_text)
    parser.add_argument("--config", type=Path, default=argparse.SUPPRESS, help=f"default {DEFAULT_CONFIG}")
    parser.add_argument("--json", action="store_true", help="for scripts")
    parser.set_defaults(handler=handler)
    return parser


def _group(commands: Any, name: str, help_text: str) -> Any:
    return commands.add_parser(name, help=help_text, description=help_text).add_subparsers(
        metavar="command", required=True
    )


def _outbox(commands: Any) -> None:
    listing = _add(commands, "list", "messages that wait; --all: the history too", "roampost.cli.outbox:list_rows")
    showing = _add(commands, "show", "one message and its attempts", "roampost.cli.outbox:show")
    requeue = _add(commands, "requeue", "send messages again now", "roampost.cli.hands:requeue")
    discard = _add(commands, "discard", "never send these messages", "roampost.cli.hands:discard")
    export = _add(commands, "export", "messages as json, csv or a SQLite file", "roampost.cli.export:run")
    for parser in (listing, export):
        parser.add_argument("--hub")
        parser.add_argument("--state", choices=_STATES)
        parser.add_argument("--kind", choices=_KINDS)
    listing.add_argument("--all", action="store_true", help="also what is finished, youngest first")
    listing.add_argument("--limit", type=_positive, default=100, metavar="ROWS")
    export.add_argument("--format", choices=("json", "csv", "sqlite"), default="json")
    export.add_argument("--output", type=Path, help="a new file; without it standard output")
    for parser in (showing, export):
        parser.add_argument("--show-uids", action="store_true", help="card numbers in full; they are personal data")
    showing.add_argument("seq", type=_positive, help="the number of the message")
    for parser in (requeue, discard):
        parser.add_argument("seq", type=_positive, nargs="+", help="the numbers of the messages")
    discard.add_argument("--reason", required=True, type=_reason, help="kept in the audit log")


def _sessions(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--limit", type=_positive, default=50, metavar="ROWS")
    parser.add_argument("--unbilled", action="store_true", help="whose record waits, is parked or was refused")
    parser.add_argument("--show-uids", action="store_true", help="card numbers in full; they are personal data")


def _evse(commands: Any) -> None:
    for name, help_text in (("enable", "back into service"), ("disable", "out of service, until it is enabled")):
        parser = _add(commands, name, help_text, f"roampost.cli.hands:{name}")
        parser.add_argument("evse_id")
        parser.add_argument("--reason", type=_reason, default="by hand", help="kept in the audit log")


def _cert(commands: Any) -> None:
    request = _add(commands, "request", "make a private key, and a request (CSR) for a hub to sign", _CERT + "request")
    whose = request.add_mutually_exclusive_group(required=True)
    whose.add_argument("--hub", help="its name in the configuration, of which nothing else has to be right yet")
    whose.add_argument("--operator-id", metavar="DE*ABC", help="where there is no configuration yet")
    request.add_argument(
        "--subject", help="as agreed with the hub, such as /C=DE/O=Stadtwerke; default /CN=<OperatorID>"
    )
    request.add_argument("--key-type", choices=("ec", "rsa"), default="ec", help="P-256 or 3072 bits; default ec")
    request.add_argument("--out", type=Path, metavar="DIR", help="default: where key_file says, or the current folder")
    show = _add(commands, "show", "what each hub's certificate is, and whether it will do", _CERT + "show")
    show.add_argument("--hub", help="only this one; with FILE: as if that were its cert_file")
    show.add_argument("file", type=Path, nargs="*", metavar="FILE", help="any certificate in PEM format")


def _cards(commands: Any) -> None:
    _add(commands, "hash", "card numbers from standard input as lines for own_cards_file", "roampost.cli.cards:make")
    checking = _add(commands, "check", "whether a card may charge without a hub, and why", "roampost.cli.cards:check")
    checking.add_argument("uid", help="the card number, or - to read it from standard input")
    _add(commands, "status", "the lists: how many cards, how old", "roampost.cli.cards:status")


def _hub(commands: Any) -> None:
    parser = _add(commands, "diff", "what the hub shows drivers, and what it should", "roampost.cli.hub:diff")
    parser.add_argument("--hub", help="its name in the configuration; without it every hub that can be read")
    load = _add(commands, "full-load", "replace the operator's set of statuses now", "roampost.cli.hands:full_load")
    load.add_argument("hub", help="its name in the configuration")
    load.add_argument("--accept-missing", action="store_true", help="EVSEs that left the station may be gone there too")


def _poi(commands: Any) -> None:
    parser = _add(commands, "check", "what is missing and wrong, before a hub tells it", "roampost.cli.poi:run")
    parser.add_argument("--format", choices=("text", "json", "html"), default="text")
    parser.add_argument("--output", type=Path, help="a new file; without it standard output")


def _fault(commands: Any) -> None:
    parser = _add(commands, "ack", "the cause is gone and was looked at", "roampost.cli.hands:acknowledge")
    parser.add_argument("evse_id")
    parser.add_argument("fault", help="its name, as `roampost status` shows it")
    parser.add_argument("--reason", type=_reason, default="by hand", help="kept in the audit log")


def _positive(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if not 0 < number < 2**63:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1, not {text[:40]!r}")
    return number


def _reason(text: str) -> str:
    reason = " ".join(text.split())
    if not 0 < len(reason) <= 250 or not reason.isprintable():
        raise argparse.ArgumentTypeError("must have 1 to 250 printable characters")
    return reason
