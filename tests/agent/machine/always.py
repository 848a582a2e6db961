"""What must be true after every step."""

from roampost.evse.state import HELD_DOWN
from tests.agent.machine.cards import CARDS
from tests.agent.machine.world import World


def check(world: World) -> None:
    nothing_raises(world)
    hubs_mind_nothing(world)
    permission_only_with_a_session_on_the_disk(world)
    faults_hold_down(world)
    heard_is_written(world)
    lists_are_those_posted_last(world)


def nothing_raises(world: World) -> None:
    assert world.trouble == [], world.trouble
    assert world.bugs.found == [], world.bugs.found
    assert world.life.failures() == [], world.life.failures()


def hubs_mind_nothing(world: World) -> None:
    for book in world.books.values():
        assert book.wrong == [], book.wrong


def permission_only_with_a_session_on_the_disk(world: World) -> None:
    for evse_id, bay in world.bays.items():
        assert bay.charger.too_early == [], bay.charger.too_early
        if bay.charger.set_ma and not bay.charger.out_of_hand():
            assert world.level_on_disk(evse_id) > 0


def faults_hold_down(world: World) -> None:
    for loop in world.loops.values():
        assert not loop.evse.faults or loop.evse.state in HELD_DOWN


def heard_is_written(world: World) -> None:
    """What the agent has heard of a hub's session is in its file, unless the disk stands still."""
    if world.disk.hold:
        return
    fresh = [
        one
        for book in world.books.values()
        for one in book.sessions.values()
        if one.heard_run == world.life.number and one.hub_session_id not in world.confirmed
    ]
    if fresh:
        known = world.on_disk()
        for one in fresh:
            assert one.hub_session_id in known, one
            world.confirmed.add(one.hub_session_id)


def lists_are_those_posted_last(world: World) -> None:
    """Also after a restart: who is not on the newest list may not charge by it."""
    for book in world.posting:
        for uid in CARDS:
            listed = world.life.lists.listed(book.name, uid)
            assert listed is not None
            assert listed.held == (uid in book.posted), (book.name, uid)
