"""What the server must be told of a protocol; it knows none."""

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from roampost_sim.hub.answers import Wording
from roampost_sim.hub.faults import Kind
from roampost_sim.hub.request import Incoming, Request


@dataclass(frozen=True, slots=True)
class Rules:
    """kind: the protocol's name. base: the path of the hub's URL. names: the operations that an operator may call, by
    which faults are limited. kinds: the faults that can be set. verify: whether clients show a certificate. numbered:
    whether each answer carries a Process-ID of its own.
    """

    kind: str
    base: str
    names: tuple[str, ...]
    kinds: Mapping[str, Kind]
    words: Wording
    read: Callable[[Request], Incoming]
    verify: ssl.VerifyMode
    numbered: bool
