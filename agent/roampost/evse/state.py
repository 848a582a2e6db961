"""The states of an EVSE, and what each says outwards: the status a hub is told and whether charging is permitted."""

from enum import StrEnum

from roampost.domain.messages import EvseStatus


class State(StrEnum):
    """Where an EVSE is. The table of `table.py` is the only thing that moves it."""

    STARTING = "starting"  # nothing has been read since the agent started
    AVAILABLE = "available"  # no vehicle, no session
    ASKING = "asking"  # no vehicle; a hub is being asked about a card
    AWAITING_PLUG = "awaiting_plug"  # session open, no vehicle yet
    PLUGGED = "plugged"  # a vehicle, nobody authorized
    ASKING_PLUGGED = "asking_plugged"  # a vehicle; a hub is being asked about a card
    READY = "ready"  # session open, charging permitted, no energy flows
    CHARGING = "charging"  # session open, energy flows
    HOLDING = "holding"  # session open, hardware unreadable: permission is held for the grace
    FINISHING = "finishing"  # session over, vehicle still connected
    FAULTED = "faulted"  # a stopping fault is present or latched
    UNREADABLE = "unreadable"  # no session, hardware unreadable
    OUT_OF_SERVICE = "out_of_service"  # unreadable for longer than the grace
    DISABLED = "disabled"  # taken out of service by the operator


# None: nothing is known yet, so nothing is said. A reservation turns available into reserved (`Evse.status`).
STATUS: dict[State, EvseStatus | None] = {
    State.STARTING: None,
    State.AVAILABLE: EvseStatus.AVAILABLE,
    State.ASKING: EvseStatus.AVAILABLE,
    State.AWAITING_PLUG: EvseStatus.OCCUPIED,
    State.PLUGGED: EvseStatus.OCCUPIED,
    State.ASKING_PLUGGED: EvseStatus.OCCUPIED,
    State.READY: EvseStatus.OCCUPIED,
    State.CHARGING: EvseStatus.OCCUPIED,
    State.HOLDING: EvseStatus.UNKNOWN,
    State.FINISHING: EvseStatus.OCCUPIED,
    State.FAULTED: EvseStatus.OUT_OF_SERVICE,
    State.UNREADABLE: EvseStatus.UNKNOWN,
    State.OUT_OF_SERVICE: EvseStatus.OUT_OF_SERVICE,
    State.DISABLED: EvseStatus.OUT_OF_SERVICE,
}

# The level, not an effect: it is reconciled with the hardware's read-back at every poll.
# STARTING keeps what was permitted before, and only with a recovered session (see `Evse.level_ma`).
PERMITS = frozenset({State.READY, State.CHARGING, State.HOLDING})
ASKING = frozenset({State.ASKING, State.ASKING_PLUGGED})
HELD_DOWN = frozenset({State.FAULTED, State.DISABLED})
