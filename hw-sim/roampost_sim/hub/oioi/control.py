"""What the control socket can do with an OIOI hub, beside what it can with any.

`{"ask": "sessions" | "statuses" | "stations" | "reservations" | "cards_posted"}`. What the hub can ask of the operator:
control_calls.py.
"""

from dataclasses import asdict
from functools import partial

from roampost_sim.hub.controls import Controls, question
from roampost_sim.hub.oioi.caller import OioiCaller
from roampost_sim.hub.oioi.control_calls import CALLS
from roampost_sim.hub.oioi.state import OioiState


def controls(state: OioiState, calls: OioiCaller) -> Controls:
    ask = {
        "sessions": question("sessions", lambda: [session.as_json() for session in state.sessions.values()]),
        "statuses": question("statuses", lambda: [asdict(held) for held in state.statuses.values()]),
        "stations": question("stations", lambda: [held.record for held in state.stations.values()]),
        "reservations": question("reservations", lambda: [asdict(held) for held in state.reservations.values()]),
        "cards_posted": question("partners", lambda: {name: len(uids) for name, uids in state.posted.items()}),
    }
    return Controls({}, ask, {word: partial(call, calls) for word, call in CALLS.items()})
