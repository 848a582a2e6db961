"""What only a person can put right: it is told in words, tried slowly, and goes on by itself when it is right again.

Other hubs do not notice, and no restart is needed.
"""

from collections.abc import Callable

import pytest

from roampost.domain.messages import EvseStatus
from roampost.store.changes import RowState
from tests.agent.delivery import cast
from tests.agent.delivery.world import World

# What an operator has to look at.
CREDENTIALS = {"oicp": "cert_file", "oioi": "api_key_file"}
TLS = {"tls_foreign": "ca_file", "tls_expired": "expired"}


async def _is_held_until(world: World, right: Callable[[], object], word: str) -> None:
    """One of each lane is held, whatever is tried; then `right` puts it right."""
    hit = world.hit
    late, status = cast.late(world.unopened_session()), cast.status(EvseStatus.OCCUPIED)
    seqs = await world.tell(hit, late, status, *hit.words.data)
    await hit.turns()
    await world.serve_the_others()
    await world.pass_time(3600, step_s=60)
    assert set(world.states(seqs)) == {RowState.HELD}
    assert all(world.row(seq).attempts >= 3600 // 900 for seq in seqs)
    reasons = world.reasons(hit)
    assert reasons
    assert all(word in why for why in reasons)
    assert not any(secret in why for why in reasons for secret in (cast.CARD, *hit.words.secrets(hit.far)))
    right()
    await world.pass_time(960, step_s=60)
    assert set(world.states(seqs)) == {RowState.DELIVERED}
    await world.serve_the_others()


async def test_who_is_not_known_to_the_hub_is_held_until_the_right_file_is_there(world: World) -> None:
    hit = world.hit
    hit.show(right=False)
    await _is_held_until(world, lambda: hit.show(right=True), CREDENTIALS[hit.name])
    assert hit.dispatcher.health().reachable


async def test_a_file_that_is_gone_is_named_until_it_is_there_again(world: World) -> None:
    hit = world.hit
    (hit.folder / "hub.key").unlink()
    await world.restart()
    await _is_held_until(world, lambda: hit.show(right=True), "hub.key")


@pytest.mark.parametrize("trouble", TLS)
async def test_a_hub_that_is_not_the_one_that_is_trusted_is_told_nothing(world: World, trouble: str) -> None:
    hit = world.hit
    hit.far.fault(trouble)
    await _is_held_until(world, hit.far.clear, TLS[trouble])


@pytest.mark.parametrize("trouble", ["redirect", "http_403", "http_401"])
async def test_an_address_that_redirects_or_refuses_us_is_not_gone_past(world: World, trouble: str) -> None:
    hit = world.hit
    hit.far.fault(trouble)
    word = {"redirect": "HTTP 307", "http_403": "HTTP 403", "http_401": CREDENTIALS[hit.name]}[trouble]
    await _is_held_until(world, hit.far.clear, word)
    assert len(hit.far.record) == sum(row.attempts for row in world.rows(hit))
