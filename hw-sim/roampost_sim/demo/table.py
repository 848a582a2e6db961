"""The verdict as a person reads it: one line for each expected message, then what is wrong. Pure."""

from collections.abc import Callable, Iterator, Sequence

from roampost_sim.demo.compare import Row, Stray, Verdict
from roampost_sim.demo.message import Need
from roampost_sim.demo.setpoints import SetPoints

Paint = Callable[[str, str], str]
_WIDTHS = (8, 18, 24, 32, 9)
HEAD = ("", "expected", "because", "arrived", "in order", "how late")


def table(verdict: Verdict, windows: Sequence[tuple[float, float]], paint: Paint) -> Iterator[str]:
    yield paint(_columns(*HEAD), "head")
    for row in verdict.rows:
        # What was too short to be owed a word in between, and had none.
        if row.arrival or row.expected.is_status or row.expected.need is Need.MUST:
            yield _line(row, windows, paint)
    for stray in verdict.strays:
        yield _stray(stray, paint)


def summary(verdict: Verdict, set_points: SetPoints, paint: Paint) -> Iterator[str]:
    told = [row for row in verdict.rows if not row.expected.is_call]
    sent = [row for row in told if row.arrival or row.expected.need is Need.MUST]
    arrived = sum(row.arrival is not None for row in sent)
    overtaken = sum(row.expected.is_status for row in told if row not in sent)
    yield f"{arrived} of {len(sent)} messages arrived; {overtaken} more were overtaken in the outage."
    yield from _calls([row for row in verdict.rows if row.expected.is_call])
    if not set_points.problems:
        yield f"Current was permitted {set_points.raised} times, never without a session that the hub had authorized."
    for what, milliseconds in set_points.off_ms:
        yield f"{what}: set point 0 after {milliseconds} ms."
    wrong = [*verdict.problems, *set_points.problems]
    for sentence in wrong:
        yield paint(f"WRONG  {sentence}", "bad")
    yield paint(f"Wrong: {len(wrong)}.", "bad") if wrong else paint("The day was as it should be.", "good")


def _calls(rows: Sequence[Row]) -> Iterator[str]:
    seconds = [row.arrival.entry["seconds"] for row in rows if row.arrival and row.arrival.entry.get("code")]
    if seconds:
        yield (
            f"{len(seconds)} of {len(rows)} requests from apps were answered, the slowest after {max(seconds):.2f} s;"
            " a hub waits for 10 s."
        )


def _line(row: Row, windows: Sequence[tuple[float, float]], paint: Paint) -> str:
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
        return f"{one.message} {'yes' if one.code == '000' else 'no'}"
    return one.message


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


def _late(row: Row, windows: Sequence[tuple[float, float]]) -> str:
    if row.late_s is None or row.arrival is None:
        return "-"
    back = next((end for begin, end in windows if begin <= row.expected.t < end <= row.arrival.t), None)
    after = "" if back is None else f" ({row.arrival.t - back:.2f} s after the network was back)"
    return f"{row.late_s:.2f} s{after}"


def _stray(stray: Stray, paint: Paint) -> str:
    one = stray.arrival
    return paint(_columns(f"EVSE {one.evse}", one.message, "nothing", stray.problem, "NO", "-"), "bad")


def _columns(*cells: str) -> str:
    padded = [f"{cell:<{width}}" for cell, width in zip(cells, _WIDTHS, strict=False)]
    return "  ".join([*padded, *cells[len(_WIDTHS) :]]).rstrip()
