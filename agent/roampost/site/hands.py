"""What a person may do through the local socket: look, requeue, discard, enable, disable, acknowledge.

Arguments come unchecked; whatever changes something leaves an audit row with the process that asked.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from roampost.clock import Clock
from roampost.control.protocol import ControlError, Peer, Refusal
from roampost.loop.evse_loop import EvseLoop
from roampost.site.building import Parts
from roampost.site.report import Reporter
from roampost.store.changes import Audit, Change, Who
from roampost.store.errors import HandRefused, StoreError
from roampost.store.store import Store
from roampost_drivers.errors import DriverError

Arguments = Mapping[str, Any]


class Hands:
    """The commands of the control socket, by name."""

    def __init__(self, parts: Parts, store: Store, reporter: Reporter, clock: Clock) -> None:
        self._station = parts.station
        self._full_loads = parts.outreach.full_loads
        self._store = store
        self._commissioning = parts.commissioning
        self._reporter = reporter
        self._clock = clock

    def commands(self) -> dict[str, Callable[[Arguments, Peer], Awaitable[object]]]:
        return {
            "status": self._status,
            "outbox.requeue": self._requeue,
            "outbox.discard": self._discard,
            "evse.enable": self._enable,
            "evse.disable": self._disable,
            "fault.ack": self._acknowledge,
            "device.commission": self._commission,
            "hub.full_load": self._full_load,
        }

    async def _status(self, arguments: Arguments, peer: Peer) -> object:
        try:
            return await self._reporter.status()
        except StoreError as error:
            raise ControlError(Refusal.FAILED, str(error)) from None

    async def _requeue(self, arguments: Arguments, peer: Peer) -> object:
        await self._by_hand(self._store.requeue(_seq(arguments), who=_who(peer)))
        return {}

    async def _discard(self, arguments: Arguments, peer: Peer) -> object:
        reason = _text(arguments, "reason")
        await self._by_hand(self._store.discard(_seq(arguments), reason, who=_who(peer)))
        return {}

    async def _enable(self, arguments: Arguments, peer: Peer) -> object:
        loop = self._evse(arguments)
        if not loop.evse.disabled:
            raise ControlError(Refusal.REFUSED, f"{loop.evse.evse_id} is not disabled")
        await self._audit("evse.enable", loop, peer, _reason(arguments))  # first, lest nobody be named
        loop.enable()
        return {"state": loop.evse.state}

    async def _disable(self, arguments: Arguments, peer: Peer) -> object:
        loop = self._evse(arguments)
        if loop.evse.disabled:
            raise ControlError(Refusal.REFUSED, f"{loop.evse.evse_id} is disabled already")
        reason = _reason(arguments)
        loop.disable()
        await self._audit("evse.disable", loop, peer, reason)
        return {"state": loop.evse.state}

    async def _acknowledge(self, arguments: Arguments, peer: Peer) -> object:
        loop, fault, reason = self._evse(arguments), _text(arguments, "fault"), _reason(arguments)
        refused = loop.acknowledge(fault)
        if refused is not None:
            known = fault in loop.evse.faults
            raise ControlError(Refusal.REFUSED if known else Refusal.NOT_FOUND, refused)
        await self._audit("fault.ack", loop, peer, f"{fault}: {reason}")
        return {"state": loop.evse.state}

    async def _commission(self, arguments: Arguments, peer: Peer) -> object:
        name = _text(arguments, "device")
        try:
            written = await self._commissioning.commission(name)
        except KeyError:
            raise ControlError(Refusal.NOT_FOUND, f"{name} is not a charging controller of this station") from None
        except DriverError as error:
            raise ControlError(Refusal.FAILED, f"{name}: {error}") from None
        if written:
            audit = Audit("device.commission", name, "", _who(peer))
            await self._by_hand(self._store.submit(Change(stamp=self._clock.stamp(), audits=(audit,))))
        return {"written": written}

    async def _full_load(self, arguments: Arguments, peer: Peer) -> object:
        name = _text(arguments, "hub")
        full_load = self._full_loads.get(name)
        if full_load is None:
            raise ControlError(Refusal.REFUSED, f"no hub {name} has owns_operator = true; no fullLoad may be sent")
        accepted = arguments.get("accept_missing") is True
        try:
            sent = await full_load.send(accept_missing=accepted)
        except StoreError as error:
            raise ControlError(Refusal.FAILED, str(error)) from None
        if not sent:
            raise ControlError(Refusal.REFUSED, full_load.refused or "not every status is known yet; try again")
        audit = Audit("hub.full_load", name, "missing EVSEs accepted" if accepted else "", _who(peer))
        await self._by_hand(self._store.submit(Change(stamp=self._clock.stamp(), audits=(audit,))))
        return {}

    def _evse(self, arguments: Arguments) -> EvseLoop:
        evse_id = _text(arguments, "evse_id")
        loop = self._station.loops.get(evse_id)
        if loop is None:
            known = ", ".join(self._station.loops)
            raise ControlError(Refusal.NOT_FOUND, f"{evse_id} is not an EVSE of this station ({known})")
        return loop

    async def _audit(self, what: str, loop: EvseLoop, peer: Peer, reason: str) -> None:
        audit = Audit(what, loop.evse.evse_id, reason, _who(peer))
        await self._by_hand(self._store.submit(Change(stamp=self._clock.stamp(), audits=(audit,))))

    async def _by_hand(self, done: Awaitable[object]) -> None:
        try:
            await done
        except HandRefused as error:
            raise ControlError(Refusal.REFUSED, str(error)) from None
        except StoreError as error:
            raise ControlError(Refusal.FAILED, str(error)) from None


def _who(peer: Peer) -> Who:
    return Who(peer.uid, peer.pid)


def _seq(arguments: Arguments) -> int:
    seq = arguments.get("seq")
    if not isinstance(seq, int) or isinstance(seq, bool) or not 0 < seq < 2**63:
        raise ControlError(Refusal.BAD_REQUEST, "seq must be the number of a message, see `roampost outbox list`")
    return seq


def _text(arguments: Arguments, key: str) -> str:
    given = arguments.get(key)
    text = " ".join(given.split()) if isinstance(given, str) else ""
    # Printable, because it is shown and logged, and because no database takes half a surrogate pair.
    if not 0 < len(text) <= 250 or not text.isprintable():
        raise ControlError(Refusal.BAD_REQUEST, f"{key} must be a text of 1 to 250 printable characters")
    return text


def _reason(arguments: Arguments) -> str:
    return _text(arguments, "reason") if arguments.get("reason") else "by hand"
