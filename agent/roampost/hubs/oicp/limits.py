"""How many calls a minute the hub takes from a partner, all of its sites together (OICP's acceptable-use policy)."""

from roampost.hubs.base import Limit

LIMITS: tuple[Limit, ...] = (
    Limit("AuthorizeStart", 200, frozenset({"authorize_start", "late_authorization"})),
    Limit("AuthorizeStop", 50, frozenset({"authorize_stop"})),
    Limit("ChargeDetailRecord", 350, frozenset({"cdr"})),
    Limit("ChargingNotifications", 100, frozenset({"start", "progress", "end", "error"})),
    Limit("PushEvseStatus", 2000, frozenset({"status", "full_load"})),
    Limit("PushEvseData", 375, frozenset({"evse_data", "evse_data_set"})),
    Limit("PullAuthenticationData", 6, frozenset({"pull_cards"})),
    Limit("PushPricingProductData", 6, frozenset({"pricing_products"})),
    Limit("PushEVSEPricing", 6, frozenset({"evse_pricing"})),
)
# Reading back is a person's command and no message.
DATA_PULLS_PER_MINUTE = 25
