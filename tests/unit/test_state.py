"""The state of a project: written, read back, changed."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastgen.changes import Change
from fastgen.errors import NotAProject
from fastgen.project.operations import EXAMPLES, Operation
from fastgen.project.request import Answers, Overlay
from fastgen.project.state import STATE_FILE, State, find_root, read_state
from fastgen.project.state_files import state_changes, state_files
from fastgen.transaction import write

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
VALUES = st.one_of(
    TEXT, st.booleans(), st.integers(), st.floats(allow_nan=False), st.lists(TEXT, max_size=3)
)
ANSWERS = Answers(name="shop", title="Shop", description="", author="", patterns=("database",))
STATE = State("0.0.1", ANSWERS, EXAMPLES)
ITEMS, FEEDBACK = (f".fastgen/operations/router-{name}.toml" for name in ("items", "feedback"))


def read(root: Path, state: State) -> State:
    write(root, {path: text.encode() for path, text in state_files(state).items()})
    return read_state(root)


def afters(state: State) -> list[tuple[str, str]]:
    return [(one.id, one.after) for one in state.operations]


def test_a_written_state_is_read(tmp_path: Path) -> None:
    found = read(tmp_path, STATE)

    assert found == STATE
    assert afters(found) == [("router-items", ""), ("router-feedback", "router-items")]


def test_the_files() -> None:
    overlay = Overlay(
        source="../house",
        ref="main",
        commit="0123abc",
        answers={"team": "core", "public": True, "replicas": 3, "share": 0.5, "hosts": ["a", "b"]},
    )
    answers = replace(ANSWERS, patterns=("database", "queue"), queue="celery")
    files = state_files(State("2.0.1", answers, (EXAMPLES[1],), (overlay,)))

    assert files == {
        ".fastgen.toml": (
            "# The state of this project: fastgen reads it.\n"
            "schema = 2\n"
            'fastgen = "2.0.1"\n'
            "\n"
            "[answers]\n"
            'name = "shop"\n'
            'title = "Shop"\n'
            'description = ""\n'
            'author = ""\n'
            'patterns = ["database", "queue"]\n'
            'queue = "celery"\n'
            "\n"
            "[[overlays]]\n"
            'source = "../house"\n'
            'ref = "main"\n'
            'commit = "0123abc"\n'
            "\n"
            "[overlays.answers]\n"
            'team = "core"\n'
            "public = true\n"
            "replicas = 3\n"
            "share = 0.5\n"
            'hosts = ["a", "b"]\n'
        ),
        ".fastgen/operations/router-feedback.toml": (
            'kind = "router"\nname = "feedback"\ntemplate = "feedback"\nafter = "router-items"\n'
        ),
    }


@given(texts=st.tuples(TEXT, TEXT, TEXT), modifiers=st.lists(TEXT, min_size=1))
def test_any_text(
    tmp_path_factory: pytest.TempPathFactory, texts: tuple[str, ...], modifiers: list[str]
) -> None:
    title, description, author = texts
    answers = Answers(name="shop", title=title, description=description, author=author, patterns=())
    fields = tuple(f"label:str:{text}" for text in modifiers)
    added = Operation("router", "orders", {"fields": fields})
    state = State("0.0.1", answers, (added,))

    assert read(tmp_path_factory.mktemp("state"), state) == state


@given(st.lists(st.tuples(TEXT, TEXT, st.dictionaries(TEXT, VALUES, max_size=3)), max_size=2))
def test_any_overlay(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, dict[str, str]]]
) -> None:
    overlays = tuple(
        Overlay(source=source, ref=ref, commit="1", answers=answers)
        for source, ref, answers in rows
    )
    state = State("0.0.1", ANSWERS, overlays=overlays)

    found = read(tmp_path_factory.mktemp("state"), state)

    assert found == state
    for overlay, (_, _, answers) in zip(found.overlays, rows, strict=True):
        assert repr(overlay.answers) == repr(answers)  # `1`, `1.0` and `True` are equal


@pytest.mark.parametrize(
    "operation",
    [
        Operation("router", "order_lines", {"fields": ("a:str",), "singular": "x", "owned": "no"}),
        Operation("field", "order_lines.unit_price", {"field": "unit_price:decimal"}),
        Operation("middleware", "rate-limit"),
        Operation("extra", "kubernetes"),
    ],
    ids=lambda operation: operation.id,
)
def test_every_kind_of_operation(tmp_path: Path, operation: Operation) -> None:
    state = replace(STATE, operations=()).with_operation(operation)

    assert read(tmp_path, state) == state


def test_ids_are_readable() -> None:
    operations = [
        Operation("router", "order_lines"),
        Operation("field", "orders.note"),
        Operation("middleware", "rate-limit"),
    ]

    ids = ["router-order_lines", "field-orders-note", "middleware-rate-limit"]
    assert [one.id for one in operations] == ids


def test_a_revision_has_the_same_id_in_every_project() -> None:
    assert EXAMPLES[0].revision_id == "d557bdad0021"
    assert EXAMPLES[1].revision_id == replace(EXAMPLES[1], after="").revision_id
    assert len({operation.revision_id for operation in EXAMPLES}) == len(EXAMPLES)


def test_only_the_files_of_an_operation_change(tmp_path: Path) -> None:
    read(tmp_path, STATE)
    added = STATE.with_operation(Operation("middleware", "timing"))

    changes = state_changes(tmp_path, STATE, added)

    path = ".fastgen/operations/middleware-timing.toml"
    text = 'kind = "middleware"\nname = "timing"\nafter = "router-feedback"\n'
    assert changes == [Change(path, text)]
    assert state_changes(tmp_path, added, STATE) == [Change(path, None)]
    assert state_changes(tmp_path, STATE, STATE) == []


def test_the_file_of_a_follower_changes_with_its_line_ends(tmp_path: Path) -> None:
    read(tmp_path, STATE)
    for path in (STATE_FILE, ITEMS, FEEDBACK):
        (tmp_path / path).write_bytes((tmp_path / path).read_bytes().replace(b"\n", b"\r\n"))
    state = read_state(tmp_path)
    assert state == STATE

    changes = state_changes(tmp_path, state, state.without(EXAMPLES[0]))

    text = 'kind = "router"\r\nname = "feedback"\r\ntemplate = "feedback"\r\nafter = ""\r\n'
    assert changes == [Change(FEEDBACK, text), Change(ITEMS, None)]


def test_the_file_of_the_project_changes_alone(tmp_path: Path) -> None:
    read(tmp_path, STATE)
    answers = replace(ANSWERS, patterns=("database", "auth"))

    changes = state_changes(tmp_path, STATE, replace(STATE, answers=answers))

    assert [change.path for change in changes] == [STATE_FILE]


def test_operations_come_and_go() -> None:
    state = STATE.without(EXAMPLES[0])

    assert state.find("router", "items") is None
    assert state.find("router", "feedback") == EXAMPLES[1]
    assert afters(state) == [("router-feedback", "")]
    again = state.with_operation(EXAMPLES[0])
    assert afters(again) == [("router-feedback", ""), ("router-items", "router-feedback")]


def test_a_project_without_operations(tmp_path: Path) -> None:
    state = State("0.0.1", ANSWERS)

    assert read(tmp_path, state) == state
    assert not (tmp_path / ".fastgen").exists()


def test_patterns_have_one_order(tmp_path: Path) -> None:
    answers = replace(ANSWERS, patterns=("cache", "database", "cache"))

    assert read(tmp_path, State("0.0.1", answers)).answers.patterns == ("database", "cache")


def test_files_of_editors_and_of_git_do_not_count(tmp_path: Path) -> None:
    read(tmp_path, STATE)
    folder = tmp_path / ".fastgen" / "operations"
    for name in ("README", "router-items.toml.orig", "router-items.toml~HEAD", ".gitkeep"):
        (folder / name).write_text("<<<<<<< HEAD\n")
    (folder / ".#router-items.toml").symlink_to("ann@host.1")
    (tmp_path / ".fastgen" / "notes").mkdir()

    assert read_state(tmp_path) == STATE


def test_the_root_is_above(tmp_path: Path) -> None:
    (tmp_path / "app" / "api").mkdir(parents=True)
    with pytest.raises(NotAProject, match="is not in a project of fastgen"):
        find_root(tmp_path / "app" / "api")

    (tmp_path / STATE_FILE).touch()

    assert find_root(tmp_path / "app" / "api") == tmp_path


def test_a_state_file_that_is_no_file_is_still_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / STATE_FILE).touch()
    (tmp_path / "shop" / STATE_FILE).symlink_to("nowhere")

    assert find_root(tmp_path / "shop") == tmp_path / "shop"


def test_no_state_file(tmp_path: Path) -> None:
    with pytest.raises(NotAProject, match="is not a project of fastgen"):
        read_state(tmp_path)
