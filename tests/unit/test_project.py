from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastgen.errors import NotAProject
from fastgen.project.operations import EXAMPLES, Operation
from fastgen.project.request import Answers
from fastgen.project.state import STATE_FILE, State, find_root, read_state, write_state

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
ANSWERS = Answers(name="shop", title="Shop", description="", author="", patterns=("database",))
STATE = State("0.0.1", ANSWERS, EXAMPLES)


def read(tmp_path: Path, text: str) -> State:
    (tmp_path / STATE_FILE).write_text(text, "utf-8")
    return read_state(tmp_path)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    assert read(tmp_path, write_state(STATE)) == STATE


@given(title=TEXT, description=TEXT, author=TEXT, option=TEXT)
def test_any_text(
    tmp_path_factory: pytest.TempPathFactory,
    title: str,
    description: str,
    author: str,
    option: str,
) -> None:
    answers = Answers(name="shop", title=title, description=description, author=author, patterns=())
    added = Operation("router", "orders", {"option": option, "l": (option,)})
    state = State("0.0.1", answers, (added,))

    assert read(tmp_path_factory.mktemp("state"), write_state(state)) == state


def test_an_operation_has_the_same_id_everywhere() -> None:
    assert EXAMPLES[0].id == "d557bdad0021"
    assert len({operation.id for operation in EXAMPLES}) == len(EXAMPLES)


def test_no_state_file(tmp_path: Path) -> None:
    with pytest.raises(NotAProject, match="is not a project of fastgen"):
        read_state(tmp_path)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("schema = 1", "schema = 2"),
        ("schema = 1", ""),
        ("schema = 1", "schema = "),
        ("[answers]", "[questions]"),
        ('name = "shop"', 'nombre = "shop"'),
        ('name = "items"', 'name = "orders"'),
        ("max=80", "max=81"),
        ('kind = "router"', ""),
        ("[answers]", "[answers]\nfurther = 1"),
        ('fastgen = "0.0.1"', 'fastgen = "99.0"'),
        ('title = "Shop"', "title = 1"),
        ('"database"', '"telepathy"'),
    ],
)
def test_a_tampered_state_file(tmp_path: Path, before: str, after: str) -> None:
    text = write_state(STATE)
    assert before in text

    with pytest.raises(NotAProject) as failure:
        read(tmp_path, text.replace(before, after, 1))

    assert failure.value.hint


@pytest.mark.parametrize(
    "operation", [Operation("router", "../x"), Operation("telepathy", "items"), EXAMPLES[0]]
)
def test_operations_that_cannot_have_been_recorded(tmp_path: Path, operation: Operation) -> None:
    state = STATE.with_operation(operation)

    with pytest.raises(NotAProject, match="damaged"):
        read(tmp_path, write_state(state))


def test_operations_come_and_go() -> None:
    state = STATE.without(EXAMPLES[0])

    assert state.find("router", "items") is None
    assert state.find("router", "feedback") == EXAMPLES[1]
    assert state.with_operation(EXAMPLES[0]).operations == EXAMPLES[::-1]


def test_the_root_is_above(tmp_path: Path) -> None:
    (tmp_path / "app" / "api").mkdir(parents=True)
    with pytest.raises(NotAProject, match="is not in a project of fastgen"):
        find_root(tmp_path / "app" / "api")

    (tmp_path / STATE_FILE).touch()

    assert find_root(tmp_path / "app" / "api") == tmp_path


def test_a_state_file_in_another_encoding(tmp_path: Path) -> None:
    (tmp_path / STATE_FILE).write_bytes(b"title = '\xff'")

    with pytest.raises(NotAProject, match="damaged"):
        read_state(tmp_path)
