"""The hubs of the configuration; sessions may be of one that is not in it any more."""

from roampost.site.hubs import Hubs
from tests.agent.oioi import samples as oioi
from tests.agent.outbox.test_progress import progress


def test_nothing_is_offered_to_a_hub_that_is_not_configured_any_more() -> None:
    """A session that was recovered goes on, and so does the reading of its charger, which comes by here."""
    Hubs({}, {}, {}, {}).offer("gone", progress())


def test_what_a_hub_is_owed_that_is_not_configured_any_more_is_kept() -> None:
    """Nobody can say what it has words for; its records wait until it is back."""
    hubs = Hubs({}, {}, {}, {})
    assert all(hubs.takes("gone", message) for message in (oioi.CDR, oioi.END))
