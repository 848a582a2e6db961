"""Token buckets under a clock that the test moves, and the allow-list."""

import pytest

from roampost.inbound.limits import Bucket, Networks, Rates


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_a_bucket_fills_again_evenly() -> None:
    bucket = Bucket(60, now_s=0)
    for _ in range(60):
        assert bucket.wait_s(0) == 0
        bucket.take()
    assert bucket.wait_s(0) == pytest.approx(1)
    assert bucket.wait_s(0.25) == pytest.approx(0.75)
    assert bucket.wait_s(1) == 0


def test_a_bucket_never_holds_more_than_a_minute() -> None:
    bucket = Bucket(2, now_s=0)
    assert bucket.wait_s(3600) == 0
    bucket.take()
    bucket.take()
    assert bucket.wait_s(3600) == pytest.approx(30)


def test_one_address_does_not_use_up_what_is_for_the_others() -> None:
    clock = Clock()
    rates = Rates(per_minute=10, per_address=2, mono_s=clock)
    assert [rates.take("a") for _ in range(2)] == [0, 0]
    assert rates.take("a") == pytest.approx(30)
    assert rates.take("b") == 0
    clock.now_s = 30
    assert rates.take("a") == 0


def test_all_together_are_bounded_and_what_is_refused_costs_nothing() -> None:
    clock = Clock()
    rates = Rates(per_minute=2, per_address=2, mono_s=clock)
    assert [rates.take(address) for address in ("a", "b")] == [0, 0]
    assert [rates.take("a") for _ in range(100)] == [pytest.approx(30)] * 100
    clock.now_s = 30
    assert rates.take("a") == 0


def test_strangers_share_an_addresss_bucket_with_the_known_and_no_other() -> None:
    known = Rates(per_minute=3, per_address=2, mono_s=Clock())
    strangers = known.of_strangers()
    assert [strangers.take(address) for address in ("a", "a", "b")] == [0, 0, 0]
    assert strangers.take("c") > 0
    assert known.take("a") == pytest.approx(30)
    assert [known.take(address) for address in ("b", "c", "d")] == [0, 0, 0]


def test_a_flood_of_addresses_is_forgotten_the_oldest_first() -> None:
    rates = Rates(per_minute=100_000, per_address=1, mono_s=Clock())
    for number in range(1025):
        assert rates.take(str(number)) == 0
    assert rates.take("1") > 0
    assert rates.take("0") == 0  # forgotten, so it begins anew


@pytest.mark.parametrize("address", ["198.51.100.7", "::ffff:198.51.100.7", "2001:db8::1", "fe80::1%eth0"])
def test_an_allowed_network_in_every_spelling(address: str) -> None:
    networks = Networks(["198.51.100.0/24", "2001:db8::/32", "fe80::/64"])
    assert networks.allow(address)
    assert Networks([]).allow(address)
    assert not Networks(["192.0.2.1"]).allow(address)
