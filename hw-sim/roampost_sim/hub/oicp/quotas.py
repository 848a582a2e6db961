"""The acceptable-use limits of an OICP hub: calls per minute of a partner, all of its sites together."""

from collections.abc import Mapping

# ChargingNotifications is one bucket for Start, Progress, End and Error.
PER_MINUTE: Mapping[str, int] = {
    "PushEvseStatus": 2000,
    "PushEvseData": 375,
    "AuthorizeStart": 200,
    "AuthorizeStop": 50,
    "ChargeDetailRecord": 350,
    "ChargingNotifications": 100,
    "PullAuthenticationData": 6,
    "PushEVSEPricing": 6,
    "PushPricingProductData": 6,
    "PullEvseData": 25,
    "PullEvseStatusByOperatorID": 75,
    "PullEvseStatusByID": 300,
}
