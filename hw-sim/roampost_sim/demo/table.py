"""The verdict as a person reads it: one line for each expected message, then what is wrong. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from roampost_sim.demo.compare import Row, Stray, Verdict, named
from roampost_sim.demo.message import DATA, Need
from roampost_sim.demo.outage import Windows
from roampost_sim.demo.protocols import PROTOCOLS
from roampost_sim.demo.setpoints import SetPoints

Paint = Callable[[str, str], str]
_WIDTHS = (8, 18, 24, 32, 9)
HEAD = ("expected", "because", "arrived", "in order", "how late")


def table(verdict: Verdict, windows: Mapping[str, Windows], paint: Paint) -> Iterator[str]:
    """windows: the outages of each hub. Of several hubs, one after the other."""
    for hub in verdict.hubs:
        yield paint(_columns(hub if len(verdict.hubs) > 1 else "", *HEAD), "head")
        for row in verdict.rows:
            # What was too short to be owed a word in between, and had none.
            shown = row.arrival or row.expected.is_status or row.expected.need is Need.MUST
            if row.expected.hub == hub and shown:
                yield _line(row, windows[hub], paint)
        for stray in verdict.strays:
            if stray.arrival.hub == hub:
                yield _stray(stray, paint)


def summary(verdict: Verdict, set_points: SetPoints, paint: Paint) -> Iterator[str]:
    for hub in verdict.hubs:
        yield named(verdict.hubs, hub) + _arrivals([row for row in verdict.rows if row.expected.hub == hub])
    yield from _meanwhile(verdict.rows)
    yield from _calls([row for row in verdict.rows if row.expected.is_call])
    whose = "a hub" if len(verdict.hubs) > 1 else "the hub"
    if not set_points.problems:
        yield f"Current was permitted {set_points.raised} times, never without a session that {whose} had authorized."
    for what, milliseconds in set_points.off_ms:
        yield f"{what}: set point 0 after {milliseconds} ms."
    wrong = [*verdict.problems, *set_points.problems]
    for sentence in wrong:
        yield paint(f"WRONG  {sentence}", "bad")
    yield paint(f"Wrong: {len(wrong)}.", "bad") if wrong else paint("The day was as it should be.", "good")


def _arrivals(rows: Sequence[Row]) -> str:
    told = [row for row in rows if not row.expected.is_call]
    sent = [row for row in told if row.arrival or row.expected.need is Need.MUST]
    arrived = sum(row.arrival is not None for row in sent)
    overtaken = sum(row.expected.is_status for row in told if row not in sent)
    return f"{arrived} of {len(sent)} messages arrived; {overtaken} more were overtaken in the outage."


def _meanwhile(rows: Sequence[Row]) -> Iterator[str]:
    """What a hub heard while another one was out of reach."""
    told = [row for row in rows if row.expected.by is not None and row.late_s is not None and not row.problems]
    for hub in dict.fromkeys(row.expected.hub for row in told):
        late = [row.late_s or 0.0 for row in told if row.expected.hub == hub]
        slowest = f"the slowest after {max(late):.2f} s"
        yield f"While another hub was out of reach, {hub} heard {len(late)} statuses, {slowest}."


def _calls(rows: Sequence[Row]) -> Iterator[str]:
    seconds = [row.arrival.entry["seconds"] for row in rows if row.arrival and row.arrival.entry.get("code")]
    if seconds:
        yield (
            f"{len(seconds)} of {len(rows)} requests from apps were answered, the slowest after {max(seconds):.2f} s;"
            " a hub waits for 10 s."
        )


def _line(row: Row, windows: Windows, paint: Paint) -> str:
    one = row.expected
    text = _columns(f"EVSE {one.evse}", _message(row), one.cause, _arrived(row), _order(row), _late(row, windows))
    if row.problems:
        return paint(text, "bad")
    return text if one.need is Need.MUST else paint(text, "dim")


def _message(row: Row) -> str:
    one = row.expected
    if one.reserved:
        return "CDR 0.000 kWh"
    if one.message == "CDR" and one.end_wh is not None and one.start_wh is not None:
        return f"CDR {(round(one.end_wh) - round(one.start_wh)) / 1000:.3f} kWh"
    if one.code is not None:
        return f"{one.message} {'yes' if one.yes else 'no'}"
    return PROTOCOLS[one.hub].data if one.message == DATA else one.message


def _arrived(row: Row) -> str:
    if row.arrival is not None and row.expected.is_call and not row.problems:
        return f"yes, answered {row.expected.code}"
    if row.arrival is not None:
        return "; ".join(row.problems) or "yes"
    return {Need.MUST: "MISSING", Need.MAY: "no, a newer one did", Need.NOT: "no, a newer one did"}[row.expected.need]


def _order(row: Row) -> str:
    if row.arrival is None:
        return "-"
    return "yes" if row.in_order else "NO"


def _late(row: Row, windows: Windows) -> str:
    if row.late_s is None or row.arrival is None:
        return "-"
    back = next((end for begin, end in windows if begin <= row.expected.t < end <= row.arrival.t), None)
    after = "" if back is None else f" ({row.arrival.t - back:.2f} s after the network was back)"
    return f"{row.late_s:.2f} s{after}"


def _stray(stray: Stray, paint: Paint) -> str:
    one = stray.arrival
    where = f"EVSE {one.evse}" if one.evse else ""
    return paint(_columns(where, one.message, "nothing", stray.problem, "NO", "-"), "bad")


def _columns(*cells: str) -> str:
    padded = [f"{cell:<{width}}" for cell, width in zip(cells, _WIDTHS, strict=False)]
    return "  ".join([*padded, *cells[len(_WIDTHS) :]]).rstrip()
