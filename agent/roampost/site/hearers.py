"""Who hears what drivers are told: the configured hubs, each with what its protocol has to say against EVSE data."""

from roampost.config.model import Config
from roampost.hubs.plugin import plugin
from roampost.poi.check import Hearer


def hearers(config: Config) -> tuple[Hearer, ...]:
    return tuple(hearer(config, name) for name in config.hubs)


def hearer(config: Config, hub: str) -> Hearer:
    """hub: its name in the configuration."""
    settings = config.hubs[hub]
    return Hearer(settings.operator_id, frozenset(config.evse_ids(hub)), plugin(settings.kind).objections)
