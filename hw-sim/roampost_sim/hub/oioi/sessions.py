"""session-post: a session as it runs, and at last its record. The same session-id again brings it up to date."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from roampost_sim.hub.identifiers import bare, belongs
from roampost_sim.hub.oioi.checking import impossible
from roampost_sim.hub.oioi.replies import done, refuse
from roampost_sim.hub.oioi.state import OioiState, Session
from roampost_sim.hub.replies import Reply


def post(state: OioiState, content: dict[str, Any], t: float) -> Reply:
    """What cannot be is refused; what only contradicts what was told before is taken and recorded."""
    http_errors = state.settings.http_errors
    evse_id = content["connector-id"]
    if not belongs(evse_id, state.settings.operator):
        return refuse("181", f"{evse_id} is not of {state.settings.operator}", http_errors=http_errors)
    broken = "; ".join(impossible(content, state.settings.now()))
    if broken:
        return refuse("230", broken)
    session = state.sessions.setdefault(content["session-id"], _opened(content, t))
    if session.closed:
        # The same record again is an honest retry: the answer to the first may have been lost.
        return done() if session.cdr == content else refuse("230", "the session has its final session-post")
    violations = tuple(_contradictions(state, session, content))
    # A repeat right after itself is an honest retry too.
    if not session.posts or session.posts[-1] != content:
        session.posts.append(content)
    session.partner = session.partner or content["partner-identifier"]
    return done(violations)


def _opened(content: dict[str, Any], t: float) -> Session:
    partner = content["partner-identifier"]
    return Session(content["session-id"], content["connector-id"], content["user"], partner, opened_t=t)


def _contradictions(state: OioiState, session: Session, content: dict[str, Any]) -> Iterator[str]:
    if bare(session.evse_id) != bare(content["connector-id"]):
        yield f"mismatch: connector-id {content['connector-id']}, the session was opened at {session.evse_id}"
    if not state.knows(content["user"]["identifier"]):
        yield "mismatch: user is nobody for whom the hub has vouched"
    if bare(session.uid) != bare(content["user"]["identifier"]):
        yield "mismatch: user is not the one of the session"
    if session.partner not in (None, content["partner-identifier"]):
        yield f"mismatch: partner-identifier, the session was opened under {session.partner}"
    if "stop" in content["session-interval"] and "energy-consumed" not in content:
        yield "mismatch: a final session-post without energy-consumed"
    yield from _backwards(session, content)
    yield from _outside(content)


def _backwards(session: Session, content: dict[str, Any]) -> Iterator[str]:
    energies = [post["energy-consumed"] for post in session.posts if "energy-consumed" in post]
    if energies and content.get("energy-consumed", energies[-1]) < energies[-1]:
        yield "order: less energy than before"
    if energies and "energy-consumed" not in content:
        yield "order: energy-consumed is left out after it was told"
    for name in ("session-interval", "charging-interval"):
        before, now = session.interval(name), content.get(name)
        if before and now is None:
            yield f"order: {name} is left out after it was told"
        if before and now and _other(before["start"], now["start"]):
            yield f"mismatch: {name} starts at {now['start']}, told before as {before['start']}"
        if before and now and "stop" in before and _other(before["stop"], now.get("stop")):
            yield f"mismatch: {name} stops at {now.get('stop')}, told before as {before['stop']}"


def _outside(content: dict[str, Any]) -> Iterator[str]:
    """A vehicle charges while its session lasts."""
    session, charging = content["session-interval"], content.get("charging-interval")
    if charging is None:
        return
    if _moment(charging["start"]) < _moment(session["start"]):
        yield "order: charging-interval starts before session-interval"
    if "stop" in session and "stop" not in charging:
        yield "order: the session is over and its charging is not"
    elif "stop" in session and _moment(charging["stop"]) > _moment(session["stop"]):
        yield "order: charging-interval stops after session-interval"


def _other(before: str, now: str | None) -> bool:
    return now is None or _moment(before) != _moment(now)


def _moment(value: str) -> datetime:
    return datetime.fromisoformat(value)
