"""The inbound service of the configured hubs; nothing of it is loaded where none may call."""

from roampost.config.model import Config
from roampost.hubs.remote import Reception
from roampost.supervise.supervisor import Supervisor


def start_inbound(config: Config, reception: Reception, tasks: Supervisor) -> None:
    """Let the hubs in that have an [hubs.<name>.inbound], if there is an [inbound] to listen by."""
    callers = {name: hub.inbound for name, hub in config.hubs.items() if hub.inbound is not None}
    if config.inbound is None or not callers:
        return
    from roampost.hubs.oicp.inbound import OicpInbound
    from roampost.inbound.service import CallingHub, InboundService

    hubs = [CallingHub(settings, OicpInbound(name, config.evse_ids(name))) for name, settings in callers.items()]
    tasks.start("inbound", InboundService(config.inbound, hubs, reception).run)
