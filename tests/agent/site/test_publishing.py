"""EVSE data and prices are pushed when they differ from what the hub has acknowledged, and not otherwise."""

from collections.abc import Mapping

import pytest

from roampost.domain.messages import (
    EvseDataMessage,
    EvseDataSetMessage,
    EvsePricingMessage,
    Message,
    PricingProductsMessage,
    StationDataMessage,
)
from roampost.site.publishing import Publisher, plan
from roampost.site.pushes import Push, Wanted

ONE, TWO = "DE*ABC*E1*1", "DE*ABC*E1*2"
DATA = {ONE: '{"evse_id":"DE*ABC*E1*1"}', TWO: '{"evse_id":"DE*ABC*E1*2"}'}


def acknowledged(pushes: list[Push], known: Mapping[str, str]) -> dict[str, str]:
    """What the store remembers when the hub has said yes to all of them."""
    memory = dict(known)
    for push in pushes:
        for name, value in push.remembers:
            if value is None:
                memory.pop(name, None)
            else:
                memory[name] = value
    return memory


def actions(pushes: list[Push]) -> list[tuple[str, str]]:
    return [(push.message.action, push.message.evse_id) for push in pushes if isinstance(push.message, EvseDataMessage)]


def test_a_hub_that_knows_nothing_gets_every_evse_and_then_nothing_more() -> None:
    pushes = plan(Wanted(DATA), {}, owns=False)
    assert actions(pushes) == [("insert", ONE), ("insert", TWO)]
    assert plan(Wanted(DATA), acknowledged(pushes, {}), owns=False) == []


def test_what_has_changed_is_updated_and_what_left_is_deleted() -> None:
    known = acknowledged(plan(Wanted(DATA), {}, owns=False), {})
    pushes = plan(Wanted({ONE: '{"evse_id":"DE*ABC*E1*1","hotline":"+49"}'}), known, owns=False)
    assert actions(pushes) == [("update", ONE), ("delete", TWO)]
    assert isinstance(pushes[1].message, EvseDataMessage)
    assert pushes[1].message.data == DATA[TWO]
    assert (
        plan(Wanted({ONE: '{"evse_id":"DE*ABC*E1*1","hotline":"+49"}'}), acknowledged(pushes, known), owns=False) == []
    )


def test_what_a_hub_would_refuse_now_stays_there_as_it_was_told() -> None:
    known = acknowledged(plan(Wanted(DATA), {}, owns=True), {})
    wanted = Wanted({ONE: DATA[ONE]}, unsaid={TWO: DATA[TWO]})
    assert plan(wanted, known, owns=True) == []
    assert actions(plan(Wanted({ONE: "{}"}, unsaid={TWO: DATA[TWO]}), known, owns=False)) == [("update", ONE)]


def test_a_set_that_would_lack_an_evse_replaces_nothing() -> None:
    """The hub may hold the other one from before, by another agent or by hand."""
    assert actions(plan(Wanted({ONE: "{}"}, unsaid={TWO: DATA[TWO]}), {}, owns=True)) == [("insert", ONE)]


def test_another_spelling_of_an_id_is_the_same_evse() -> None:
    known = acknowledged(plan(Wanted({ONE: "{}"}), {}, owns=False), {})
    assert plan(Wanted({"DEABCE1*1": "{}"}), known, owns=False) == []


def test_only_an_owner_replaces_the_set_and_only_where_nothing_is_known() -> None:
    (push,) = plan(Wanted(DATA), {}, owns=True)
    assert push.message == EvseDataSetMessage(data=tuple(DATA.values()))
    known = acknowledged([push], {})
    assert plan(Wanted(DATA), known, owns=True) == []
    assert actions(plan(Wanted({**DATA, ONE: "{}"}), known, owns=True)) == [("update", ONE)]


def test_without_a_description_nothing_is_pushed_and_nothing_is_deleted() -> None:
    known = acknowledged(plan(Wanted(DATA), {}, owns=False), {})
    assert plan(Wanted(None), known, owns=True) == []
    assert plan(Wanted({}), known, owns=True) == []


def test_what_waits_and_is_not_wanted_any_more_is_taken_back() -> None:
    """A push that no hub has answered yet goes out later, so what the hub holds now is not what it will hold."""
    known = acknowledged(plan(Wanted(DATA), {}, owns=False), {})
    (deleting,) = plan(Wanted({ONE: DATA[ONE]}), known, owns=False)
    assert actions(plan(Wanted(DATA), known, owns=False, waiting=dict(deleting.remembers))) == [("update", TWO)]
    (updating,) = plan(Wanted({**DATA, ONE: "{}"}), known, owns=False)
    assert actions(plan(Wanted(DATA), known, owns=False, waiting=dict(updating.remembers))) == [("update", ONE)]


def test_an_insertion_that_waits_is_followed_by_a_deletion_when_its_evse_leaves() -> None:
    waiting = dict(plan(Wanted(DATA), {}, owns=False)[1].remembers)
    left = Wanted({ONE: DATA[ONE]})
    known = acknowledged(plan(left, {}, owns=False), {})
    assert actions(plan(left, known, owns=False, waiting=waiting)) == [("delete", TWO)]


def test_prices_that_wait_and_are_not_wanted_any_more_are_taken_back() -> None:
    before, after = Wanted(prices="{}", pricing={ONE: "{}"}), Wanted(prices='{"a":1}', pricing={ONE: '{"a":1}'})
    known = acknowledged(plan(before, {}, owns=True), {})
    waiting = {name: value for push in plan(after, known, owns=True) for name, value in push.remembers}
    told = [type(push.message) for push in plan(before, known, owns=True, waiting=waiting)]
    assert told == [PricingProductsMessage, EvsePricingMessage]


def test_prices_follow_the_data_and_are_pushed_once() -> None:
    wanted = Wanted(DATA, prices='{"products":[]}', pricing={ONE: '{"evse_id":"DE*ABC*E1*1"}'})
    pushes = plan(wanted, {}, owns=False)
    assert [type(push.message) for push in pushes[2:]] == [PricingProductsMessage, EvsePricingMessage]
    assert plan(wanted, acknowledged(pushes, {}), owns=False) == []


@pytest.mark.parametrize(("owns", "first", "then"), [(True, "set", "set"), (False, "insert", "update")])
def test_prices_replace_those_of_other_sites_only_for_an_owner(owns: bool, first: str, then: str) -> None:
    before, after = Wanted(prices="{}", pricing={ONE: "{}"}), Wanted(prices='{"a":1}', pricing={ONE: '{"a":1}'})
    pushes = plan(before, {}, owns=owns)
    again = plan(after, acknowledged(pushes, {}), owns=owns)
    told = [push.message for push in (*pushes, *again)]
    assert [one.action for one in told if isinstance(one, PricingProductsMessage)] == [first, then]
    assert [one.action for one in told if isinstance(one, EvsePricingMessage)] == [first, then]


def of_evses(message: Message) -> bool:
    """Of a hub that knows EVSEs."""
    return not isinstance(message, StationDataMessage)


class Desk:
    """A publisher, what its hub has acknowledged, what waits for it, and what was told."""

    def __init__(self, known: Mapping[str, str], waits: Mapping[str, str | None]) -> None:
        self.known, self.waits = known, waits
        self.told: list[Push] = []
        self.publisher = Publisher("hubject", Wanted(DATA), False, of_evses, self.memory, self.waiting, self.tell)

    async def memory(self) -> Mapping[str, str]:
        return self.known

    async def waiting(self) -> Mapping[str, str | None]:
        return self.waits

    async def tell(self, push: Push) -> None:
        self.told.append(push)


HELD = acknowledged(plan(Wanted(DATA), {}, owns=False), {})


async def test_an_evse_that_the_hub_does_not_know_is_inserted_again() -> None:
    desk = Desk(HELD, {})
    await desk.publisher.publish()
    assert desk.told == []
    await desk.publisher.unknown_there([TWO])
    assert actions(desk.told) == [("insert", TWO)]
    assert desk.told[0].remembers == ((f"evse_data/{TWO.replace('*', '')}", DATA[TWO]),)
    await desk.publisher.unknown_there(["DE*ABC*E9"])
    assert len(desk.told) == 1


async def test_an_insertion_that_waits_already_is_left_to_its_own_pace() -> None:
    """Else each refused status would send the data of all EVSEs anew, also data that the hub refuses."""
    desk = Desk({}, HELD)
    await desk.publisher.unknown_there([ONE, TWO])
    assert desk.told == []
    desk.waits = {}
    await desk.publisher.unknown_there([TWO])
    assert actions(desk.told) == [("insert", TWO)], "and no other"


async def test_an_update_that_waits_is_followed_by_the_insertion_that_it_needs() -> None:
    desk = Desk(dict.fromkeys(HELD, "{}"), HELD)
    await desk.publisher.unknown_there([ONE])
    assert actions(desk.told) == [("insert", ONE)]
