"""The table is whole, and what it says is safe."""

import itertools

import pytest

from roampost.evse.event import Kind
from roampost.evse.state import HELD_DOWN, PERMITS, STATUS, State
from roampost.evse.step import step
from roampost.evse.table import IGNORED, TABLE, Act
from tests.agent.evse.makers import RULES, event, evse, session

PAIRS = list(itertools.product(State, Kind))


@pytest.mark.parametrize(("state", "kind"), PAIRS)
def test_every_pair_is_decided_once(state: State, kind: Kind) -> None:
    assert ((state, kind) in TABLE) != ((state, kind) in IGNORED)


def test_every_ignored_pair_says_why() -> None:
    assert all(len(why) > 10 for why in IGNORED.values())


def test_every_state_can_be_reached_and_left() -> None:
    reached = {row.to for (state, _), row in TABLE.items() if row.to is not state}
    left = {state for (state, _), row in TABLE.items() if row.to is not state}
    assert reached | {State.STARTING} == set(State)
    assert left == set(State)


def test_every_act_is_used() -> None:
    assert {act for row in TABLE.values() for act in row.acts} == set(Act)


def test_every_state_has_a_status() -> None:
    assert set(STATUS) == set(State)


@pytest.mark.parametrize(("state", "kind"), PAIRS)
def test_permission_never_outlives_its_session(state: State, kind: Kind) -> None:
    after = step(evse(state), event(kind), RULES).evse
    assert (after.permitted_ma > 0) <= (after.session is not None and after.state in PERMITS | {State.STARTING})


@pytest.mark.parametrize("state", [state for state in State if state in PERMITS])
@pytest.mark.parametrize("kind", [Kind.NO_VEHICLE, Kind.STOP, Kind.FAULT, Kind.DISABLE])
def test_what_ends_a_session_forbids(state: State, kind: Kind) -> None:
    after = step(evse(state), event(kind), RULES).evse
    assert after.permitted_ma == 0
    assert after.session is None
    assert after.closing is not None


@pytest.mark.parametrize(("state", "kind"), PAIRS)
def test_a_session_is_never_dropped_without_closing_it(state: State, kind: Kind) -> None:
    before = evse(state, session=session()) if state is State.STARTING else evse(state)
    after = step(before, event(kind), RULES).evse
    if before.session is not None and after.session is None:
        assert after.closing is not None
        assert after.closing.session_id == before.session.session_id


@pytest.mark.parametrize(("state", "kind"), PAIRS)
def test_a_grant_opens_a_session_or_is_closed_at_its_hub(state: State, kind: Kind) -> None:
    if kind is Kind.AUTHORIZED:
        result = step(evse(state), event(kind), RULES)
        opened = result.evse.session is not None and evse(state).session is None
        assert opened != any(getattr(effect, "hub", None) == "hubject" for effect in result.effects)


def test_held_down_states_permit_nothing() -> None:
    assert not HELD_DOWN & PERMITS
