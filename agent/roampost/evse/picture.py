"""The state machine as a page for people, drawn from the table: `python -m roampost.evse.picture`."""

from collections import defaultdict

from roampost.evse.event import Kind
from roampost.evse.state import PERMITS, STATUS, State
from roampost.evse.table import IGNORED, TABLE

_HEAD = """# The states of an EVSE

Drawn from `agent/roampost/evse/table.py` (a test holds the two together); do not edit by hand:
`python -m roampost.evse.picture > docs/state-table.md`.

Bold states permit charging. Arrows that lead back to their own state are left out of the picture. A reservation is no
state: while there is one, what would be told as available is told as reserved, and only its driver may begin.
"""

_EVERYWHERE = frozenset({Kind.SETTLED, Kind.PROLONG, Kind.UNRESERVE})
_EVERY_STATE = """\
In every state these leave the state as it is: `settled` writes the ended session's End and record, `prolong`
keeps a reservation longer, `unreserve` writes its record.
"""


def page() -> str:
    """The whole page, Markdown with a Mermaid picture."""
    return "\n".join([_HEAD, *_picture(), "", *_states(), "", *_rows(), "", *_ignored(), ""])


def _picture() -> list[str]:
    arrows: dict[tuple[State, State], list[Kind]] = defaultdict(list)
    for (state, kind), row in TABLE.items():
        if row.to is not state:
            arrows[state, row.to].append(kind)
    lines = [f"    {a} --> {b}: {', '.join(kinds)}" for (a, b), kinds in arrows.items()]
    return ["```mermaid", "stateDiagram-v2", "    [*] --> starting", *lines, "```"]


def _states() -> list[str]:
    rows = [
        f"| {f'**{state}**' if state in PERMITS else state} | {STATUS[state] or 'nothing yet'} |" for state in State
    ]
    return ["| state | status told |", "|---|---|", *rows]


def _rows() -> list[str]:
    rows = [
        f"| {state} | {kind} | {row.to} | {', '.join(row.acts)} |"
        for (state, kind), row in TABLE.items()
        if kind not in _EVERYWHERE
    ]
    return [_EVERY_STATE, "| in | comes | goes to | and does |", "|---|---|---|---|", *rows]


def _ignored() -> list[str]:
    reasons: dict[str, list[str]] = defaultdict(list)
    for (state, kind), why in IGNORED.items():
        reasons[why].append(f"{state}/{kind}")
    return ["What is ignored, and why:", "", *(f"- {why}: {', '.join(pairs)}" for why, pairs in reasons.items())]


if __name__ == "__main__":
    import sys

    sys.stdout.write(page())
