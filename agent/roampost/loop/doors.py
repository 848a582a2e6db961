"""The doors of an EVSE: everything that it hands out goes through one of them, as a plain call that never waits."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from roampost.domain.messages import ProgressMessage
from roampost.evse.effect import AskStart, AskStop, Effect
from roampost.evse.evse import Evse


@dataclass(frozen=True, slots=True)
class Doors:
    """Where things are handed out. commit returns a future that is done when the change is on the disk.

    charger_by and meter_by ask for a reading at a moment. stalled: the disk takes no writes, and the store keeps
    what it was given; more would only cost memory. progress takes a hub's name and the newest word on a charge.
    """

    commit: Callable[[Evse, tuple[Effect, ...]], "asyncio.Future[Any]"]
    ask: Callable[[AskStart | AskStop], None]
    charger_by: Callable[[float], None]
    meter_by: Callable[[float], None]
    stalled: Callable[[], bool] = lambda: False
    progress: Callable[[str, ProgressMessage], None] = lambda _hub, _message: None
