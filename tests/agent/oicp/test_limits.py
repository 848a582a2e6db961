"""Each kind of call is in exactly one of the hub's limits."""

from collections import Counter
from typing import get_args

from roampost.hubs.oicp.encode import Sayable
from roampost.hubs.oicp.limits import LIMITS

# The acceptable-use policy's table: calls a minute of a partner.
POLICY = {
    "PushEvseStatus": 2000,
    "PushEvseData": 375,
    "AuthorizeStart": 200,
    "AuthorizeStop": 50,
    "ChargeDetailRecord": 350,
    "ChargingNotifications": 100,
    "PullAuthenticationData": 6,
    "PushEVSEPricing": 6,
    "PushPricingProductData": 6,
}


def test_the_numbers_are_the_policys() -> None:
    assert {limit.name: limit.per_minute for limit in LIMITS} == POLICY


def test_every_kind_counts_once() -> None:
    counted = Counter(kind for limit in LIMITS for kind in limit.kinds)
    kinds = {one.model_fields["kind"].default for one in get_args(Sayable)}
    assert set(counted) == kinds | {"authorize_start", "authorize_stop", "pull_cards"}
    assert set(counted.values()) == {1}


def test_notifications_share_one_bucket() -> None:
    (bucket,) = (limit for limit in LIMITS if limit.name == "ChargingNotifications")
    assert bucket.kinds == {"start", "progress", "end", "error"}
