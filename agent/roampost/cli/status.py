"""`roampost status`: from the agent when it runs, else from its database, and it says which."""

import argparse
from dataclasses import replace
from zoneinfo import ZoneInfo

from roampost.cli import text
from roampost.cli.daemon import command
from roampost.cli.database import reading, wall_ms
from roampost.cli.exits import CliError, Exit
from roampost.cli.settings import station_of
from roampost.config.model import Station
from roampost.control.client import NoDaemonError
from roampost.control.report import (
    CardListReport,
    CertificateReport,
    EvseReport,
    HubReport,
    StatusReport,
    TaskReport,
    WaitingReport,
)
from roampost.control.stored import stored_report
from roampost.store.aside import alarms

# What is delivered sooner than this is not worth a line.
MENTIONED_S = 5.0


def run(args: argparse.Namespace) -> int:
    station = station_of(args.config)
    report, heading = told(station)
    text.say(text.as_json(report.to_json()) if args.json else "\n\n".join(_page(report, heading, station)))
    return Exit.OK


def told(station: Station) -> tuple[StatusReport, str]:
    """The report, and a sentence on where it comes from."""
    try:
        return StatusReport.from_json(command(station.socket, "status")), "The agent runs."
    except NoDaemonError as error:
        return _stored(station), f"The agent does not run: {error}. This is what it wrote last."
    except (CliError, ValueError) as error:
        if isinstance(error, CliError) and error.code is Exit.REFUSED:
            raise
        return _stored(station), f"The agent does not answer: {error}. This is what it wrote last."


def _stored(station: Station) -> StatusReport:
    with reading(station.database) as connection:
        return replace(stored_report(connection, at_ms=wall_ms()), alarms=tuple(alarms(station.database)))


def _page(report: StatusReport, heading: str, station: Station) -> list[str]:
    zone = ZoneInfo(station.time_zone)
    if report.clock_trusted is False:
        heading += " Its clock is not synchronized yet."
    parts = [f"{station.name}: {heading}", *(f"ALARM: {text.clean(alarm, text.MOST_TEXT)}" for alarm in report.alarms)]
    parts.append(_evses(report.evses, report.at_ms, zone) if report.evses else "No EVSE is known yet.")
    total = sum(group.rows for group in report.waiting)
    if not total:
        parts.append("Outbox: nothing waits.")
    else:
        waits = "message waits" if total == 1 else "messages wait"
        parts.append(f"Outbox: {total} {waits}.\n{_waiting(report.waiting, report.at_ms)}")
    parts += [line for one in report.hubs if (line := _drain(one)) is not None]
    parts += [_cards(one) for one in report.card_lists]
    if report.certificates:
        parts.append(_certificates(report.certificates, zone))
    unwell = [task for task in report.tasks if task.phase not in ("running", "done") or task.restarts]
    if unwell:
        parts.append(f"Tasks that are not well:\n{_tasks(unwell, report.at_ms)}")
    return parts


def _evses(evses: tuple[EvseReport, ...], now_ms: int, zone: ZoneInfo) -> str:
    rows = [
        (
            one.evse_id,
            one.state,
            one.status,
            f"{one.permitted_ma / 1000:g} A" if one.permitted_ma else "no",
            f"{text.moment(one.since_ms, zone)} ({text.age(now_ms - one.since_ms)})",
            one.why + (f" [faults: {', '.join(one.faults)}]" if one.faults else ""),
        )
        for one in evses
    ]
    return text.table(("evse", "state", "hubs are told", "permitted", "since", "why"), rows)


def _waiting(groups: tuple[WaitingReport, ...], now_ms: int) -> str:
    rows = [
        (
            one.hub,
            one.kind,
            one.state,
            one.rows,
            text.age(now_ms - one.oldest_ms),
            next_try(one.state, one.next_attempt_ms, now_ms),
            one.why,
        )
        for one in groups
    ]
    return text.table(("hub", "kind", "state", "messages", "oldest", "next try", "why"), rows)


def _drain(hub: HubReport) -> str | None:
    """A hub that can be reached takes no more than its rate limits in a minute: a backlog has its time."""
    if hub.drain_s is None or hub.drain_s < MENTIONED_S:
        return None
    once = "" if hub.reachable else " once it can be reached"
    return f"Hub {hub.hub}: what waits is delivered in about {text.age(int(hub.drain_s * 1000))}{once}."


def _cards(one: CardListReport) -> str:
    if one.cards is None:
        return f"Hub {one.hub}: no list of cards for times without it" + (
            f": {one.trouble}." if one.trouble else " yet."
        )
    old = "of unknown age" if one.age_s is None else f"{text.age(int(one.age_s * 1000))} old"
    return f"Hub {one.hub}: {one.cards} cards on its list for times without it, {old}."


def _certificates(found: tuple[CertificateReport, ...], zone: ZoneInfo) -> str:
    rows = [
        (
            one.hub,
            one.what,
            one.file,
            "-" if one.not_after_ms is None else text.moment(one.not_after_ms, zone),
            "?" if one.days_left is None else one.days_left,
            one.level,
        )
        for one in found
    ]
    return text.table(("hub", "certificate", "file", "valid until", "days left", "which is"), rows)


def next_try(state: str, next_attempt_ms: int, now_ms: int) -> str:
    if state == "parked":
        return "never by itself"
    if state == "sending" or next_attempt_ms <= now_ms:
        return "now"
    return f"in {text.age(next_attempt_ms - now_ms)}"


def _tasks(tasks: list[TaskReport], now_ms: int) -> str:
    rows = [(one.name, one.phase, text.age(now_ms - one.since_ms), one.restarts, one.last_error) for one in tasks]
    return text.table(("task", "state", "since", "restarts", "last error"), rows)
