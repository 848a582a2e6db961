"""How much the service takes from whom: an allow-list of networks and token buckets. Pure; the clock is passed in."""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

_REMEMBERED = 1_024


class Networks:
    """The addresses that may connect; none given: all."""

    def __init__(self, networks: Iterable[str]) -> None:
        self._networks = tuple(ip_network(one) for one in networks)

    def allow(self, address: str) -> bool:
        return not self._networks or any(_plain(address) in one for one in self._networks)


def _plain(address: str) -> IPv4Address | IPv6Address:
    """A socket that listens for both families writes an IPv4 address as ::ffff:192.0.2.1; a scope is no part of it."""
    found = ip_address(address.partition("%")[0])
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return found if mapped is None else mapped


class Bucket:
    """A minute's worth of tokens, filled again evenly."""

    __slots__ = ("_at_s", "_full", "_tokens")

    def __init__(self, per_minute: int, now_s: float) -> None:
        self._full = self._tokens = float(per_minute)
        self._at_s = now_s

    def wait_s(self, now_s: float) -> float:
        """How long until there is a token; 0 when there is one. Takes none."""
        self._tokens = min(self._full, self._tokens + (now_s - self._at_s) * self._full / 60)
        self._at_s = now_s
        return max(0.0, (1 - self._tokens) * 60 / self._full)

    def take(self) -> None:
        """After `wait_s` has said 0."""
        self._tokens -= 1


class Rates:
    """One bucket for everybody and one for each of the latest addresses; what is refused costs no token."""

    def __init__(self, *, per_minute: int, per_address: int, mono_s: Callable[[], float]) -> None:
        self._mono_s = mono_s
        self._per_minute = per_minute
        self._per_address = per_address
        self._everybody = Bucket(per_minute, mono_s())
        self._addresses: OrderedDict[str, Bucket] = OrderedDict()

    def of_strangers(self) -> "Rates":
        """For callers whom nobody knows: an address has one bucket whoever calls from it, but whatever strangers do,
        what is for everybody stays to those who are known."""
        others = Rates(per_minute=self._per_minute, per_address=self._per_address, mono_s=self._mono_s)
        others._addresses = self._addresses
        return others

    def take(self, address: str) -> float:
        """0, or the seconds to wait until this address may ask again."""
        now_s = self._mono_s()
        bucket = self._of(address, now_s)
        wait_s = max(bucket.wait_s(now_s), self._everybody.wait_s(now_s))
        if wait_s == 0:
            bucket.take()
            self._everybody.take()
        return wait_s

    def _of(self, address: str, now_s: float) -> Bucket:
        bucket = self._addresses.pop(address, None) or Bucket(self._per_address, now_s)
        self._addresses[address] = bucket
        if len(self._addresses) > _REMEMBERED:
            self._addresses.popitem(last=False)
        return bucket
