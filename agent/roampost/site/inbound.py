"""The inbound service of the configured hubs; nothing of it is loaded where none may call."""

from roampost.clock import WallTime
from roampost.config.model import Config
from roampost.hubs.plugin import plugin
from roampost.hubs.remote import Reception
from roampost.supervise.supervisor import Supervisor


def start_inbound(config: Config, reception: Reception, wall_time: WallTime, tasks: Supervisor) -> None:
    """Let the hubs in that have an [hubs.<name>.inbound], if there is an [inbound] to listen by."""
    callers = {name: hub for name, hub in config.hubs.items() if hub.inbound is not None}
    if config.inbound is None or not callers:
        return
    from roampost.inbound.service import CallingHub, InboundService

    hubs = [
        CallingHub(hub.inbound, plugin(hub.kind).dialect(name, hub, config.evse_ids(name), wall_time))
        for name, hub in callers.items()
        if hub.inbound is not None
    ]
    tasks.start("inbound", InboundService(config.inbound, hubs, reception).run)
