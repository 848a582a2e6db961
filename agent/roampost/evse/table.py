"""The state machine, whole: TABLE[(State, Kind)] says what happens, IGNORED[(State, Kind)] why nothing does.

Every pair is in exactly one of the two (a test proves it), and the picture in docs/state-table.md is printed
from here. What an action does is in `step.py`; whether an event is of a kind was decided before (`loop/watch.py`).
"""

from enum import StrEnum
from typing import NamedTuple

from roampost.evse.event import Kind as K
from roampost.evse.state import State as S


class Act(StrEnum):
    """What a transition does besides moving; each is one branch of `step.py`."""

    ASK = "ask"  # ask the hubs about the card
    ASK_STOP = "ask_stop"  # ask the session's hub whether this other card may stop it
    OPEN = "open"  # open the session that was granted
    CLOSE_LATE = "close_late"  # nobody waits for this grant: close it at its hub
    FLOW = "flow"  # energy flows: Start, once
    PAUSE = "pause"  # energy stopped flowing
    END = "end"  # the session is over: wait for the meter's last word
    ERROR = "error"  # tell the session's hub of the trouble
    SETTLE = "settle"  # write End and the charge detail record
    IDLE = "idle"  # tell the hub that energy stopped, while the vehicle stays
    RESERVE = "reserve"  # keep the EVSE for a driver
    PROLONG = "prolong"  # keep it longer, where it is kept under the same session
    UNRESERVE = "unreserve"  # the reservation is over: write its record


class Row(NamedTuple):
    to: S
    acts: tuple[Act, ...] = ()


def _row(to: S, *acts: Act) -> Row:
    return Row(to, acts)


TABLE: dict[tuple[S, K], Row] = {
    # Starting: hardware first, before anything is said.
    (S.STARTING, K.NO_VEHICLE): _row(S.AVAILABLE, Act.END),
    (S.STARTING, K.VEHICLE): _row(S.PLUGGED),
    (S.STARTING, K.ENERGY): _row(S.PLUGGED),
    (S.STARTING, K.RESUMED): _row(S.READY, Act.PAUSE),
    (S.STARTING, K.LOST): _row(S.FINISHING, Act.END),
    (S.STARTING, K.STALE): _row(S.UNREADABLE, Act.END),
    (S.STARTING, K.STALE_SESSION): _row(S.HOLDING),
    (S.STARTING, K.AUTHORIZED): _row(S.STARTING, Act.CLOSE_LATE),
    (S.STARTING, K.FAULT): _row(S.FAULTED, Act.ERROR, Act.END),
    (S.STARTING, K.NOTICE): _row(S.STARTING, Act.ERROR),
    (S.STARTING, K.DISABLE): _row(S.DISABLED, Act.END),
    (S.STARTING, K.STOP): _row(S.STARTING, Act.END),
    # No vehicle.
    (S.AVAILABLE, K.VEHICLE): _row(S.PLUGGED),
    (S.AVAILABLE, K.ENERGY): _row(S.PLUGGED),
    (S.AVAILABLE, K.STALE): _row(S.UNREADABLE),
    (S.AVAILABLE, K.CARD): _row(S.ASKING, Act.ASK),
    (S.AVAILABLE, K.AUTHORIZED): _row(S.AVAILABLE, Act.CLOSE_LATE),
    (S.AVAILABLE, K.REMOTE): _row(S.AWAITING_PLUG, Act.OPEN),
    (S.AVAILABLE, K.RESERVE): _row(S.AVAILABLE, Act.RESERVE),
    (S.AVAILABLE, K.FAULT): _row(S.FAULTED),
    (S.AVAILABLE, K.DISABLE): _row(S.DISABLED),
    # A hub is being asked.
    (S.ASKING, K.VEHICLE): _row(S.ASKING_PLUGGED),
    (S.ASKING, K.ENERGY): _row(S.ASKING_PLUGGED),
    (S.ASKING, K.AUTHORIZED): _row(S.AWAITING_PLUG, Act.OPEN),
    (S.ASKING, K.REFUSED): _row(S.AVAILABLE),
    (S.ASKING, K.STALE): _row(S.UNREADABLE),
    (S.ASKING, K.FAULT): _row(S.FAULTED),
    (S.ASKING, K.DISABLE): _row(S.DISABLED),
    (S.ASKING_PLUGGED, K.NO_VEHICLE): _row(S.AVAILABLE),
    (S.ASKING_PLUGGED, K.AUTHORIZED): _row(S.READY, Act.OPEN),
    (S.ASKING_PLUGGED, K.REFUSED): _row(S.PLUGGED),
    (S.ASKING_PLUGGED, K.STALE): _row(S.UNREADABLE),
    (S.ASKING_PLUGGED, K.FAULT): _row(S.FAULTED),
    (S.ASKING_PLUGGED, K.DISABLE): _row(S.DISABLED),
    # Authorized, nothing plugged in.
    (S.AWAITING_PLUG, K.VEHICLE): _row(S.READY),
    (S.AWAITING_PLUG, K.ENERGY): _row(S.READY),
    (S.AWAITING_PLUG, K.STOP): _row(S.AVAILABLE, Act.END),
    (S.AWAITING_PLUG, K.PLUG_TIMEOUT): _row(S.AVAILABLE, Act.END),
    (S.AWAITING_PLUG, K.AUTHORIZED): _row(S.AWAITING_PLUG, Act.CLOSE_LATE),
    (S.AWAITING_PLUG, K.STALE): _row(S.UNREADABLE, Act.END),
    (S.AWAITING_PLUG, K.FAULT): _row(S.FAULTED, Act.ERROR, Act.END),
    (S.AWAITING_PLUG, K.NOTICE): _row(S.AWAITING_PLUG, Act.ERROR),
    (S.AWAITING_PLUG, K.DISABLE): _row(S.DISABLED, Act.END),
    # A vehicle, nobody authorized.
    (S.PLUGGED, K.NO_VEHICLE): _row(S.AVAILABLE),
    (S.PLUGGED, K.STALE): _row(S.UNREADABLE),
    (S.PLUGGED, K.CARD): _row(S.ASKING_PLUGGED, Act.ASK),
    (S.PLUGGED, K.AUTHORIZED): _row(S.PLUGGED, Act.CLOSE_LATE),
    (S.PLUGGED, K.REMOTE): _row(S.READY, Act.OPEN),
    (S.PLUGGED, K.FREE): _row(S.READY, Act.OPEN),
    (S.PLUGGED, K.FAULT): _row(S.FAULTED),
    (S.PLUGGED, K.DISABLE): _row(S.DISABLED),
    # A session that may draw.
    (S.READY, K.ENERGY): _row(S.CHARGING, Act.FLOW),
    (S.READY, K.NO_VEHICLE): _row(S.AVAILABLE, Act.END),
    (S.READY, K.CARD): _row(S.READY, Act.ASK_STOP),
    (S.READY, K.STOP): _row(S.FINISHING, Act.END),
    (S.READY, K.IDLE): _row(S.READY, Act.IDLE),
    (S.READY, K.AUTHORIZED): _row(S.READY, Act.CLOSE_LATE),
    (S.READY, K.STALE_SESSION): _row(S.HOLDING),
    (S.READY, K.FAULT): _row(S.FAULTED, Act.ERROR, Act.END),
    (S.READY, K.NOTICE): _row(S.READY, Act.ERROR),
    (S.READY, K.DISABLE): _row(S.DISABLED, Act.END),
    (S.CHARGING, K.VEHICLE): _row(S.READY, Act.PAUSE),
    (S.CHARGING, K.NO_VEHICLE): _row(S.AVAILABLE, Act.PAUSE, Act.END),
    (S.CHARGING, K.CARD): _row(S.CHARGING, Act.ASK_STOP),
    (S.CHARGING, K.STOP): _row(S.FINISHING, Act.PAUSE, Act.END),
    (S.CHARGING, K.AUTHORIZED): _row(S.CHARGING, Act.CLOSE_LATE),
    (S.CHARGING, K.STALE_SESSION): _row(S.HOLDING),
    (S.CHARGING, K.FAULT): _row(S.FAULTED, Act.PAUSE, Act.ERROR, Act.END),
    (S.CHARGING, K.NOTICE): _row(S.CHARGING, Act.ERROR),
    (S.CHARGING, K.DISABLE): _row(S.DISABLED, Act.PAUSE, Act.END),
    # A session whose hardware cannot be read.
    (S.HOLDING, K.NO_VEHICLE): _row(S.AVAILABLE, Act.PAUSE, Act.END),
    (S.HOLDING, K.VEHICLE): _row(S.READY, Act.PAUSE),
    (S.HOLDING, K.ENERGY): _row(S.CHARGING, Act.FLOW),
    (S.HOLDING, K.RESUMED): _row(S.READY, Act.PAUSE),
    (S.HOLDING, K.LOST): _row(S.FINISHING, Act.END),
    (S.HOLDING, K.GRACE_OVER): _row(S.OUT_OF_SERVICE, Act.PAUSE, Act.END),
    (S.HOLDING, K.STOP): _row(S.UNREADABLE, Act.PAUSE, Act.END),
    (S.HOLDING, K.AUTHORIZED): _row(S.HOLDING, Act.CLOSE_LATE),
    (S.HOLDING, K.FAULT): _row(S.FAULTED, Act.PAUSE, Act.ERROR, Act.END),
    (S.HOLDING, K.NOTICE): _row(S.HOLDING, Act.ERROR),
    (S.HOLDING, K.DISABLE): _row(S.DISABLED, Act.PAUSE, Act.END),
    # The session is over, the vehicle is not gone.
    (S.FINISHING, K.NO_VEHICLE): _row(S.AVAILABLE),
    (S.FINISHING, K.STALE): _row(S.UNREADABLE),
    (S.FINISHING, K.CARD): _row(S.ASKING_PLUGGED, Act.ASK),
    (S.FINISHING, K.AUTHORIZED): _row(S.FINISHING, Act.CLOSE_LATE),
    (S.FINISHING, K.REMOTE): _row(S.READY, Act.OPEN),
    (S.FINISHING, K.FREE): _row(S.READY, Act.OPEN),
    (S.FINISHING, K.FAULT): _row(S.FAULTED),
    (S.FINISHING, K.DISABLE): _row(S.DISABLED),
    # Held down.
    (S.FAULTED, K.RELEASED): _row(S.STARTING),
    (S.FAULTED, K.AUTHORIZED): _row(S.FAULTED, Act.CLOSE_LATE),
    (S.FAULTED, K.DISABLE): _row(S.DISABLED),
    (S.DISABLED, K.RELEASED): _row(S.STARTING),
    (S.DISABLED, K.STILL_FAULTED): _row(S.FAULTED),
    (S.DISABLED, K.AUTHORIZED): _row(S.DISABLED, Act.CLOSE_LATE),
    # Unreadable.
    (S.UNREADABLE, K.NO_VEHICLE): _row(S.AVAILABLE),
    (S.UNREADABLE, K.VEHICLE): _row(S.PLUGGED),
    (S.UNREADABLE, K.ENERGY): _row(S.PLUGGED),
    (S.UNREADABLE, K.GRACE_OVER): _row(S.OUT_OF_SERVICE),
    (S.UNREADABLE, K.AUTHORIZED): _row(S.UNREADABLE, Act.CLOSE_LATE),
    (S.UNREADABLE, K.FAULT): _row(S.FAULTED),
    (S.UNREADABLE, K.DISABLE): _row(S.DISABLED),
    (S.OUT_OF_SERVICE, K.NO_VEHICLE): _row(S.AVAILABLE),
    (S.OUT_OF_SERVICE, K.VEHICLE): _row(S.PLUGGED),
    (S.OUT_OF_SERVICE, K.ENERGY): _row(S.PLUGGED),
    (S.OUT_OF_SERVICE, K.AUTHORIZED): _row(S.OUT_OF_SERVICE, Act.CLOSE_LATE),
    (S.OUT_OF_SERVICE, K.FAULT): _row(S.FAULTED),
    (S.OUT_OF_SERVICE, K.DISABLE): _row(S.DISABLED),
    # An ended session's last word comes when it comes, whatever the EVSE does by then.
    **{(state, K.SETTLED): _row(state, Act.SETTLE) for state in S},
    # A reservation is prolonged and ends whatever the EVSE does, likewise.
    **{(state, K.PROLONG): _row(state, Act.PROLONG) for state in S},
    **{(state, K.UNRESERVE): _row(state, Act.UNRESERVE) for state in S},
}

_UNCHANGED = "it is so already"
_NO_SESSION = "there is no session that it could concern"
_HELD = "held down: what is plugged in is read anew when it is released"
_BLIND = "the hardware is unreadable: the person must wait"
_NOT_FREE = "not free: refused in access/remote_rules.py"
_NOT_ASKED = "nobody is being asked: the question was given up"
_LOOKED = "the first look after the start has been taken"
_NOT_HELD = "nothing holds it down"
_NOT_PERMITTED = "no session is permitted here: `stale` is the event of this state"

IGNORED: dict[tuple[S, K], str] = {
    (S.AVAILABLE, K.NO_VEHICLE): _UNCHANGED,
    (S.ASKING, K.NO_VEHICLE): _UNCHANGED,
    (S.AWAITING_PLUG, K.NO_VEHICLE): _UNCHANGED,
    (S.PLUGGED, K.VEHICLE): _UNCHANGED,
    (S.PLUGGED, K.ENERGY): "not permitted: the level is enforced apart from the table",
    (S.ASKING_PLUGGED, K.VEHICLE): _UNCHANGED,
    (S.ASKING_PLUGGED, K.ENERGY): "not permitted: the level is enforced apart from the table",
    (S.READY, K.VEHICLE): _UNCHANGED,
    (S.CHARGING, K.ENERGY): _UNCHANGED,
    (S.FINISHING, K.VEHICLE): _UNCHANGED,
    (S.FINISHING, K.ENERGY): "not permitted: the level is enforced apart from the table",
    **{(s, k): _HELD for s in (S.FAULTED, S.DISABLED) for k in (K.NO_VEHICLE, K.VEHICLE, K.ENERGY)},
    **{(s, k): _LOOKED for s in S if s not in (S.STARTING, S.HOLDING) for k in (K.RESUMED, K.LOST)},
    (S.HOLDING, K.STALE_SESSION): _UNCHANGED,
    (S.HOLDING, K.STALE): "a session is permitted here: `stale_session` is the event of this state",
    (S.READY, K.STALE): "a session is permitted here: `stale_session` is the event of this state",
    (S.CHARGING, K.STALE): "a session is permitted here: `stale_session` is the event of this state",
    (S.UNREADABLE, K.STALE): _UNCHANGED,
    (S.OUT_OF_SERVICE, K.STALE): _UNCHANGED,
    (S.FAULTED, K.STALE): _HELD,
    (S.DISABLED, K.STALE): _HELD,
    **{(s, K.STALE_SESSION): _NOT_PERMITTED for s in S if s not in (S.STARTING, S.READY, S.CHARGING, S.HOLDING)},
    **{
        (s, K.GRACE_OVER): "it is readable, or held down, or out of service already"
        for s in S
        if s not in (S.HOLDING, S.UNREADABLE)
    },
    (S.STARTING, K.CARD): _BLIND,
    (S.HOLDING, K.CARD): _BLIND,
    (S.UNREADABLE, K.CARD): _BLIND,
    (S.OUT_OF_SERVICE, K.CARD): _BLIND,
    (S.ASKING, K.CARD): "one question at a time",
    (S.ASKING_PLUGGED, K.CARD): "one question at a time",
    (S.AWAITING_PLUG, K.CARD): "another card was here first and has its time to plug in",
    (S.FAULTED, K.CARD): "out of service",
    (S.DISABLED, K.CARD): "out of service",
    **{(s, K.STOP): _NO_SESSION for s in S if s not in (S.STARTING, S.AWAITING_PLUG, S.READY, S.CHARGING, S.HOLDING)},
    **{(s, K.REMOTE): _NOT_FREE for s in S if s not in (S.AVAILABLE, S.PLUGGED, S.FINISHING)},
    **{(s, K.RESERVE): _NOT_FREE for s in S if s is not S.AVAILABLE},
    **{(s, K.FREE): "no vehicle that waits" for s in S if s not in (S.PLUGGED, S.FINISHING)},
    **{(s, K.IDLE): "energy flows, or nothing has ended" for s in S if s is not S.READY},
    **{(s, K.REFUSED): _NOT_ASKED for s in S if s not in (S.ASKING, S.ASKING_PLUGGED)},
    **{(s, K.PLUG_TIMEOUT): "nobody is awaited" for s in S if s is not S.AWAITING_PLUG},
    (S.FAULTED, K.FAULT): _UNCHANGED,
    (S.DISABLED, K.FAULT): "out of service; the fault is kept and counts when it is enabled",
    **{(s, K.NOTICE): _NO_SESSION for s in S if s not in (S.STARTING, S.AWAITING_PLUG, S.READY, S.CHARGING, S.HOLDING)},
    (S.DISABLED, K.DISABLE): _UNCHANGED,
    **{(s, K.RELEASED): _NOT_HELD for s in S if s not in (S.FAULTED, S.DISABLED)},
    **{(s, K.STILL_FAULTED): _NOT_HELD for s in S if s is not S.DISABLED},
}
