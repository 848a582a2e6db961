"""`roampost cert`: ask a hub for a certificate, and see whether the one it gave will do; and what `check` says."""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from roampost.certificates.expiry import condition, days_left
from roampost.certificates.files import Files, troubles
from roampost.certificates.judge import Judged, judge_file, judge_hub
from roampost.certificates.openssl import OpensslError
from roampost.certificates.request import KeyType, Made, RequestError, common_name, make, subject_of
from roampost.certificates.validity import UnreadableCertificateError, read_validities
from roampost.cli import text
from roampost.cli.cert_hubs import hubs, operator_and_key
from roampost.cli.exits import CliError, Exit
from roampost.config.hubs import AnyHub
from roampost.config.identifiers import is_operator_id

_WIDTH = 8


def request(args: argparse.Namespace) -> int:
    operator_id, key_file = _whose(args)
    name = common_name(operator_id)
    folder = (args.out or (key_file.parent if key_file else Path())).absolute()
    if not folder.is_dir():
        raise CliError(Exit.FAILED, f"{folder} is not a folder; make it first, or name another with --out")
    key = folder / (key_file.name if key_file else f"{name}.key")
    try:
        subject = f"/CN={name}" if args.subject is None else subject_of(args.subject, name)
        made = make(key, key.with_suffix(".csr"), subject, KeyType(args.key_type))
    except RequestError as error:
        raise CliError(Exit.FAILED, f"{error}.") from None
    text.say(text.as_json(_made(made)) if args.json else "\n".join(_what_next(made, args.hub)))
    return Exit.OK


def show(args: argparse.Namespace) -> int:
    """Exit.FAILED when anything is wrong, for scripts."""
    now = datetime.now(UTC)
    files: Sequence[Path] = [path.absolute() for path in args.file]
    try:
        if files and args.hub is None:
            found = [judge_file(path, now) for path in files]
        else:
            configured = hubs(args.config, args.hub)
            instead = [
                replace(one, files=replace(one.files, cert_file=path)) for one in configured for path in files
            ]  # fmt: skip
            found = [judge_hub(one, now) for one in instead or configured]
    except OpensslError as error:
        raise CliError(Exit.FAILED, f"{error}.") from None
    if args.json:
        text.say(text.as_json({"certificates": [_judged(one, now) for one in found]}))
    else:
        text.say("\n\n".join(map(_page, found)) or f"{args.config}: no hub is configured.")
    return Exit.OK if all(one.fine for one in found) else Exit.FAILED


def certificate_advice(name: str, hub: AnyHub, *, now: datetime) -> Iterator[str]:
    """One sentence for each thing that would keep the hub from answering us; without starting anything."""
    if hub.cert_file is None or hub.key_file is None:
        return
    files = Files(hub.cert_file, hub.key_file, hub.ca_file)
    if found := troubles(files):
        yield from (f"hubs.{name}.{one.key} = '{one.path}': {one.text}" for one in found)
        return
    try:
        own = read_validities(hub.cert_file)[0]
    except UnreadableCertificateError as error:
        yield f"hubs.{name}.cert_file = '{hub.cert_file}': {error}"
        return
    if told := condition(own, now)[1]:
        yield f"hubs.{name}.cert_file = '{hub.cert_file}': {told}; ask the hub for a new one: roampost cert request"


def _whose(args: argparse.Namespace) -> tuple[str, Path | None]:
    if args.hub is not None:
        return operator_and_key(args.config, args.hub)
    if not is_operator_id(args.operator_id):
        raise CliError(Exit.CONFIGURATION, "--operator-id: must be an OperatorID such as DE*ABC or +49*536")
    return args.operator_id, None


def _made(made: Made) -> dict[str, Any]:
    return {
        "send": str(made.csr_file),
        "never_send": str(made.key_file),
        "subject": made.subject,
        "key_mode": f"{made.key_mode:04o}",
        "key_owner": made.owner,
    }


def _what_next(made: Made, hub: str | None) -> Iterator[str]:
    yield f"Request: {made.csr_file}, subject {made.subject}"
    yield f"Key:     {made.key_file}, mode {made.key_mode:04o}, {made.owner}"
    yield "Send the request to the hub; it may be read by anybody."
    yield "Never send the key, not to the hub either: who has it can act as this operator."
    if made.key_mode == 0o600:
        yield f"The service cannot read it yet: chown root:roampost {made.key_file} && chmod 640 {made.key_file}"
    yield "Put the hub's answer into cert_file and its root and intermediate CA into ca_file, this key into key_file."
    yield f"Then look: roampost cert show{f' --hub {hub}' if hub else ''}"


def _page(one: Judged) -> str:
    lines = [f"{one.hub}: {one.file}" if one.hub else str(one.file)]
    for fact in one.facts:
        lines.append(f"  {fact.about:{_WIDTH}} {text.clean(fact.text, text.MOST_TEXT)}")
        if fact.advice is not None:
            lines.append(f"  {'WRONG':>{_WIDTH}} {text.clean(fact.advice, text.MOST_TEXT)}")
    return "\n".join(lines)


def _judged(one: Judged, now: datetime) -> dict[str, Any]:
    own = one.validity
    return {
        "hub": one.hub,
        "file": str(one.file),
        "fine": one.fine,
        "not_before": own and own.not_before.isoformat(),
        "not_after": own and own.not_after.isoformat(),
        "days_left": own and days_left(own.not_after, now),
        "level": own and condition(own, now)[0],
        "facts": [asdict(fact) for fact in one.facts],
    }
