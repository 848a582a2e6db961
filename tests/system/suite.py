"""For which hubs a test runs: for all of the suite, unless it is marked with one of these."""

import pytest

OICP, OIOI, BOTH = ("oicp",), ("oioi",), ("oicp", "oioi")
SUITE = (OICP, OIOI, BOTH)

# What is about no hub needs only one to look on.
ANY_HUB = pytest.mark.at_hubs(OICP)
BOTH_HUBS = pytest.mark.at_hubs(BOTH)
OICP_HUB = pytest.mark.at_hubs(OICP, BOTH)


def is_wanted(item: pytest.Item) -> bool:
    """Whether the test runs for the hubs that it would run for."""
    mark, made = item.get_closest_marker("at_hubs"), getattr(item, "callspec", None)
    return mark is None or made is None or made.params.get("hubs") in mark.args
