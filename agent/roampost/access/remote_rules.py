"""Whether an EVSE may be started or reserved from afar just now, as a refusal or None. Pure.

The order of the rules is the order in which a driver would want to hear: never here, broken, unreadable, somebody
else's, in use, plug in first. What is true of the record decides, not what was told to the hub.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from roampost.access.remote_same import driver, means
from roampost.config.model import Config
from roampost.evse.evse import Evse
from roampost.evse.state import ASKING, State
from roampost.hubs.remote import Outcome, RemoteStart, Reply, Reserve

_OUT = frozenset({State.FAULTED, State.DISABLED, State.OUT_OF_SERVICE})
_BLIND = frozenset({State.STARTING, State.UNREADABLE, State.HOLDING})


@dataclass(frozen=True, slots=True)
class RemoteRule:
    """What the configuration lets hubs do at one EVSE."""

    start: Literal["plugged", "waits", "off"] = "plugged"
    reservable: bool = True


@dataclass(frozen=True, slots=True)
class Look:
    """An EVSE at this moment. readable: its hardware is fresh; vehicle is None where that is not known."""

    evse: Evse
    readable: bool
    vehicle: bool | None


def rules_of(config: Config) -> Mapping[str, RemoteRule]:
    """By EVSE. What is only observed, or open to everybody, cannot be started or kept for anybody."""
    rules: dict[str, RemoteRule] = {}
    for one in config.evse:
        ours = one.control == "permit" and one.authorization == "hub"
        rules[one.id] = RemoteRule(one.remote_start if ours else "off", ours and one.reservable)
    return rules


def no_start(look: Look, command: RemoteStart, rule: RemoteRule) -> Reply | None:
    """Why the charge cannot be started; None where it can. A session that is still being written is the caller's."""
    evse = look.evse
    if rule.start == "off":
        return Reply(Outcome.REFUSED, f"{evse.evse_id} is not started from afar, by its configuration")
    refusal = _not_usable(look)
    if refusal is not None:
        return refusal
    kept = evse.reservation
    if kept is not None and not kept.lets_in(command.hub, command.hub_session_id, *driver(command)):
        return Reply(Outcome.RESERVED, f"{evse.evse_id} is reserved for another driver")
    if evse.session is not None or evse.state in ASKING:
        return Reply(Outcome.IN_USE, f"{evse.evse_id} is in use: {evse.state}")
    if rule.start == "plugged" and not look.vehicle:
        return Reply(Outcome.NO_VEHICLE, f"nothing is plugged in at {evse.evse_id}")
    return None


def no_reservation(look: Look, command: Reserve, rule: RemoteRule) -> Reply | None:
    """Why the EVSE cannot be kept for this driver; None where it can, or can be kept longer."""
    evse = look.evse
    if not rule.reservable or command.duration.total_seconds() < 1:
        return Reply(Outcome.REFUSED, f"{evse.evse_id} cannot be reserved, or not for so short a time")
    refusal = _not_usable(look)
    if refusal is not None:
        return refusal
    kept = evse.reservation
    if kept is not None and not means(command, kept):
        return Reply(Outcome.RESERVED, f"{evse.evse_id} is reserved for another driver")
    if evse.state is not State.AVAILABLE or look.vehicle:
        return Reply(Outcome.IN_USE, f"{evse.evse_id} is in use: {evse.state}")
    return None


def _not_usable(look: Look) -> Reply | None:
    evse = look.evse
    if evse.disabled or evse.state in _OUT:
        return Reply(Outcome.OUT_OF_SERVICE, f"{evse.evse_id} is out of service: {evse.why}")
    if evse.state in _BLIND or not look.readable or look.vehicle is None:
        return Reply(Outcome.UNREACHABLE, f"the hardware of {evse.evse_id} cannot be read: {evse.why}")
    return None
