"""`roampost poi check`: what is missing and wrong in the EVSE data, before a hub tells it; as text, JSON or a page."""

import argparse
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from roampost.cli import text
from roampost.cli.exits import CliError, Exit
from roampost.cli.newfile import opened
from roampost.cli.settings import load_all
from roampost.config.model import Config
from roampost.config.poi import pois
from roampost.poi.check import Report, check
from roampost.poi.finding import Finding, Severity
from roampost.poi.page import page, summary
from roampost.site.hearers import hearers


def run(args: argparse.Namespace) -> int:
    """Exit.FAILED when a hub would refuse an EVSE; warnings and hints are no failure."""
    config, _ = load_all(args.config)
    if config.poi is None:
        raise CliError(Exit.CONFIGURATION, f"{args.config}: has no [poi]; no hub is told any EVSE data")
    report = report_of(config)
    with opened(args.output) as file:
        file.write(_written(args, config, report))
    if args.output is not None:
        text.complain(summary(report))
    if not report.refused:
        return Exit.OK
    text.complain(f"a hub would refuse {', '.join(sorted(report.refused))}")
    return Exit.FAILED


def report_of(config: Config) -> Report:
    """Of all EVSEs; empty without [poi]."""
    return check(pois(config).values(), hearers(config))


def _written(args: argparse.Namespace, config: Config, report: Report) -> str:
    if args.json or args.format == "json":
        return f"{text.as_json(_document(report))}\n"
    if args.format == "html":
        now = datetime.now(ZoneInfo(config.station.time_zone))
        return page(report, config.station.name, now.strftime("%Y-%m-%d %H:%M %Z"))
    return "\n".join([*_lines(report), summary(report), ""])


def _lines(report: Report) -> list[str]:
    """A sentence and an advice for each finding, told once for all the EVSEs that have it."""
    lines: list[str] = []
    for found, evse_ids in report.grouped().items():
        where = "" if len(evse_ids) == len(report.checked) else f" ({', '.join(evse_ids)})"
        lines += [f"{found.severity}: {found.field}{where}: {_clean(found.says)}", f"  {_clean(found.advice)}"]
    return lines


def _clean(sentence: str) -> str:
    return text.clean(sentence, text.MOST_TEXT)


def _document(report: Report) -> dict[str, Any]:
    return {
        "completeness_percent": report.completeness_percent,
        "errors": report.count(Severity.ERROR),
        "warnings": report.count(Severity.WARNING),
        "hints": report.count(Severity.HINT),
        "evses": [
            {
                "evse_id": one.poi.evse_id,
                "completeness_percent": one.completeness_percent,
                "refused": one.is_refused,
                "findings": [_finding(found) for found in one.findings],
                "data": one.poi.model_dump(mode="json", exclude_none=True),
            }
            for one in report.checked
        ],
    }


def _finding(found: Finding) -> dict[str, str]:
    return {"severity": found.severity, "field": found.field, "says": found.says, "advice": found.advice}
