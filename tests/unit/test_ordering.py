"""The order of operations depends on the set of their files alone."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastgen.project.operations import Operation
from fastgen.project.ordering import linked, ordered
from fastgen.project.request import Answers
from fastgen.project.state import State

ANSWERS = Answers(name="shop", title="", description="", author="", patterns=())
NAMES = ["accounts", "bills", "cards", "deals", "events", "faqs", "grants"]


def router(name: str, after: str = "", *targets: str) -> Operation:
    fields = tuple(f"a_{target}:ref({target})" for target in targets)
    return Operation("router", name, {"fields": fields}, after and f"router-{after}")


def names(operations: tuple[Operation, ...]) -> list[str]:
    return [one.name for one in operations]


@st.composite
def forests(draw: st.DrawFn) -> list[Operation]:
    """Operations that come after any others, or after none of them, and refer to earlier names."""
    chosen = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=len(NAMES)))
    found = []
    for name in chosen:
        targets = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=2))
        earlier = [target for target in targets if target < name]
        found.append(router(name, draw(st.sampled_from([*NAMES, "gone", ""])), *earlier))
    return found


@st.composite
def states(draw: st.DrawFn) -> State:
    return State("0.0.1", ANSWERS, ordered(draw(forests())))


def test_each_comes_after_the_one_that_it_names() -> None:
    chain = [router("cards"), router("accounts", "cards"), router("bills", "accounts")]

    assert names(ordered(reversed(chain))) == ["cards", "accounts", "bills"]


def test_siblings_go_by_id_each_with_what_comes_after_it() -> None:
    operations = [
        router("cards"),
        router("events", "cards"),
        router("accounts", "events"),
        router("deals", "cards"),
        router("faqs", "deals"),
    ]

    assert names(ordered(operations)) == ["cards", "deals", "faqs", "events", "accounts"]


def test_an_unknown_after_is_the_start() -> None:
    operations = [router("cards"), router("deals", "cards"), router("accounts", "gone")]

    assert names(ordered(operations)) == ["accounts", "cards", "deals"]


def test_the_target_of_a_reference_comes_first() -> None:
    operations = [router("accounts", "", "deals"), router("cards"), router("deals", "cards")]

    assert names(ordered(operations)) == ["cards", "deals", "accounts"]


def test_the_router_of_a_field_comes_first() -> None:
    field = Operation("field", "deals.note", {"field": "note:text"})

    assert names(ordered([field, router("deals")])) == ["deals", "deals.note"]


def test_the_target_of_a_field_comes_first() -> None:
    field = Operation("field", "accounts.deal", {"field": "deal:ref(deals)"})

    found = names(ordered([field, router("accounts"), router("deals")]))

    assert found == ["accounts", "deals", "accounts.deal"]


def test_a_reference_is_not_found_in_other_parts_of_a_field() -> None:
    text = Operation("router", "accounts", {"fields": ("note:str:default=ref(deals)",)})

    assert text.needs == frozenset()


def test_a_reference_wins_over_after() -> None:
    operations = [router("accounts", "", "deals"), router("deals", "accounts")]

    assert names(ordered(operations)) == ["deals", "accounts"]


def test_a_circle_of_after_is_opened_at_its_last_id() -> None:
    operations = [
        router("accounts", "cards"),
        router("bills", "accounts"),
        router("cards", "bills"),
    ]

    assert names(ordered(operations)) == ["cards", "accounts", "bills"]
    assert names(ordered([router("accounts", "accounts")])) == ["accounts"]


def test_operations_that_need_each_other_have_no_order() -> None:
    operations = [
        router("accounts", "", "bills"),
        router("bills", "", "accounts"),
        router("cards", "", "bills"),
    ]

    with pytest.raises(ValueError, match=r"^`router-accounts` and `router-bills` need each other$"):
        ordered(operations)


def test_a_long_chain() -> None:
    chain = [Operation("extra", f"e{n:04}", after=f"extra-e{n + 1:04}") for n in range(600)]

    assert names(ordered(chain)) == [f"e{n:04}" for n in reversed(range(600))]


@given(operations=forests(), seed=st.integers())
def test_the_order_of_the_files_does_not_matter(operations: list[Operation], seed: int) -> None:
    shuffled = random.Random(seed).sample(operations, len(operations))

    assert names(ordered(shuffled)) == names(ordered(operations))


@given(operations=forests())
def test_needs_come_first_and_nothing_is_lost(operations: list[Operation]) -> None:
    ids = [one.id for one in ordered(operations)]

    assert sorted(ids) == sorted(one.id for one in operations)
    for one in operations:
        assert all(ids.index(needed) < ids.index(one.id) for needed in one.needs & {*ids})


@given(operations=forests())
def test_after_holds_where_nothing_contradicts_it(operations: list[Operation]) -> None:
    without_references = [replace(one, options={}) for one in operations]
    by_id = {one.id: one for one in without_references}
    ids = [one.id for one in ordered(without_references)]

    for one in without_references:
        chain = [one.id]
        while (above := by_id[chain[-1]].after) in by_id and above not in chain:
            chain.append(above)
        if above not in by_id:
            assert sorted(chain, key=ids.index) == chain[::-1]


@given(state=states())
def test_additions_come_last(state: State) -> None:
    added = Operation("middleware", "timing")

    after = state.with_operation(added)

    assert after.operations == (*state.operations, added)
    assert ordered(after.operations) == after.operations


@given(state=states(), data=st.data())
def test_the_others_keep_their_order(state: State, data: st.DataObject) -> None:
    if state.operations:
        gone = data.draw(st.sampled_from(state.operations))

        left = state.without(gone).operations

        assert left == tuple(one for one in state.operations if one is not gone)
        assert ordered(reversed(left)) == left


@given(state=states())
def test_adding_and_removing_is_the_same_state(state: State) -> None:
    added = Operation("middleware", "timing")

    again = state.with_operation(added).without(added)

    assert [(one.id, one.after) for one in again.operations] == [
        (one.id, one.after) for one in state.operations
    ]


@given(state=states(), data=st.data())
def test_a_merge_is_the_same_in_either_direction(state: State, data: st.DataObject) -> None:
    """Each branch adds and removes; git takes the files that changed on one side."""
    base = {one.id: one.after for one in state.operations}
    branches = []
    for new in ("timing", "csrf"):
        branch = state
        if data.draw(st.booleans()) and branch.operations:
            branch = branch.without(data.draw(st.sampled_from(branch.operations)))
        branches.append(branch.with_operation(Operation("middleware", new)).operations)
    ours, theirs = ({one.id: one for one in branch} for branch in branches)
    merged = {}
    for id_ in [*ours, *theirs]:
        sides = [side.get(id_) for side in (ours, theirs)]
        changed = [one for one in sides if (one and one.after) != base.get(id_)]
        kept = changed[0] if changed else sides[0]
        if kept is not None:
            merged[id_] = kept

    one_way = ordered(merged.values())
    other_way = ordered(reversed(merged.values()))

    assert names(one_way) == names(other_way)
    assert {"timing", "csrf"} <= {*names(one_way)}


def test_followers_of_a_removed_operation_follow_the_one_before_it() -> None:
    chain = [router("cards"), router("accounts", "cards"), router("bills", "accounts")]
    state = State("0.0.1", ANSWERS, ordered(chain))

    left = state.without(chain[1]).operations

    assert [(one.name, one.after) for one in left] == [("cards", ""), ("bills", "router-cards")]


def test_a_file_changes_only_where_the_order_would_be_another() -> None:
    merged = [
        router("cards"),
        router("deals", "cards"),
        router("grants", "deals"),
        router("events", "cards"),
    ]
    state = State("0.0.1", ANSWERS, ordered(merged))

    left = state.without(merged[1]).operations

    assert [(one.name, one.after) for one in left] == [
        ("cards", ""),
        ("grants", "router-cards"),
        ("events", "router-grants"),
    ]
    assert linked(left) == left


def test_removing_what_was_not_added_changes_nothing() -> None:
    state = State("0.0.1", ANSWERS, (router("cards"),))

    assert state.without(router("deals")) == state
