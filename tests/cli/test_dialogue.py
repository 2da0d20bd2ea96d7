"""The dialogue on a real terminal, as a screen shows it."""

import os
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from fastgen.project.extras import ASKED, names
from tests.support import snapshot
from tests.terminal import CTRL_C, DOWN, ENTER, SPACE, Terminal


@pytest.fixture
def answers(tmp_path: Path) -> Iterator[dict[str, object]]:
    """What the project in `shop` was asked for; read at the end of the test."""
    found: dict[str, object] = {}
    yield found
    text = (tmp_path / "shop" / ".fastgen.toml").read_text("utf-8")
    assert tomllib.loads(text)["answers"] == found


def test_everything_is_asked(tmp_path: Path, answers: dict[str, object]) -> None:
    terminal = Terminal("new", cwd=tmp_path)
    terminal.answer("Name of the project:", f"shop{ENTER}")
    terminal.answer("SQLAlchemy", ENTER)  # the default is ticked
    terminal.wait_for("Kustomize")
    assert {name for name in names() if f" {name} " in terminal.text} == {*ASKED}
    terminal.answer("", SPACE + ENTER)
    terminal.answer("Title:", f"'s{ENTER}")
    terminal.answer("Description:", ENTER)

    assert terminal.end() == 0
    assert "shop/" in terminal.text
    assert "Next:" in terminal.text
    title = "Shop's"
    command = "fastgen new shop --with database --extra metrics --title 'Shop'\"'\"'s'"
    assert command in terminal.text
    answers.update(
        name="shop",
        title=title,
        description=f"The {title} service.",
        author="",
        patterns=["database"],
    )


def test_an_impossible_name_is_said_at_once(tmp_path: Path) -> None:
    terminal = Terminal("new", cwd=tmp_path)
    terminal.answer("Name of the project:", f"class{ENTER}")
    terminal.answer("class-api", CTRL_C)

    assert terminal.end() == 130
    assert os.listdir(tmp_path) == []


def test_a_text_that_is_too_long_ends_the_dialogue(tmp_path: Path) -> None:
    terminal = Terminal("new", "shop", cwd=tmp_path)
    terminal.answer("SQLAlchemy", ENTER)
    terminal.answer("Prometheus", ENTER)
    terminal.answer("Title:", "x" * 200 + ENTER)

    assert terminal.end() == 2
    assert "The title has 204 characters" in terminal.text
    assert not (tmp_path / "shop").exists()


def test_options_are_not_asked_for(tmp_path: Path, answers: dict[str, object]) -> None:
    terminal = Terminal("new", "shop", "--title", "My shop", cwd=tmp_path)
    terminal.answer("SQLAlchemy", SPACE + ENTER)  # no longer ticked
    terminal.answer("Prometheus", ENTER)
    terminal.answer("Description:", ENTER)

    assert terminal.end() == 0
    assert "Name of the project" not in terminal.text
    answers.update(
        name="shop", title="My shop", description="The My shop service.", author="", patterns=[]
    )


@pytest.mark.parametrize("arguments", [["--yes"], ["--with", "none"], ["--json"]])
def test_nothing_is_asked_when_nothing_is_open(tmp_path: Path, arguments: list[str]) -> None:
    terminal = Terminal("new", "shop", *arguments, cwd=tmp_path)

    assert terminal.end() == 0
    assert "Title:" not in terminal.text
    assert "without questions" not in terminal.text


def test_nothing_is_asked_in_ci(tmp_path: Path) -> None:
    terminal = Terminal("new", cwd=tmp_path, CI="true")

    assert terminal.end() == 2
    assert "The name of the project is missing." in terminal.text


@pytest.mark.parametrize(
    "question", ["Name of the project:", "SQLAlchemy", "Prometheus", "Title:", "Description:"]
)
def test_ctrl_c_at_any_question(tmp_path: Path, question: str) -> None:
    before = snapshot(tmp_path)
    terminal = Terminal("new", cwd=tmp_path)
    for asked, keys in (
        ("Name of the project:", f"shop{ENTER}"),
        ("SQLAlchemy", ENTER),
        ("Prometheus", ENTER),
        ("Title:", ENTER),
        ("Description:", ENTER),
    ):
        terminal.answer(asked, CTRL_C if asked == question else keys)
        if asked == question:
            break

    assert terminal.end() == 130
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize(
    "variables", [{"columns": 20}, {"NO_COLOR": "1"}, {"TERM": "dumb"}, {"TERM": ""}]
)
def test_poor_terminals(tmp_path: Path, variables: dict[str, str]) -> None:
    terminal = Terminal("new", "shop", "--with", "none", cwd=tmp_path, **variables)  # type: ignore[arg-type]

    assert terminal.end() == 0
    assert "settings.py" in terminal.text


@pytest.mark.parametrize("pattern", ["auth", "queue"])
def test_a_pattern_that_brings_another_says_so(
    tmp_path: Path, pattern: str, answers: dict[str, object]
) -> None:
    terminal = Terminal("new", "shop", cwd=tmp_path)
    terminal.wait_for("websockets")  # the last pattern on offer
    offer = [line.lstrip(" ○●»") for line in terminal.text.split("\n")]
    offer = [line for line in offer if line.startswith(("database", "auth", "cache", "queue"))]
    place = [line.split()[0] for line in offer].index(pattern)
    assert "(brings database" in offer[place]
    # The default is ticked: `database` is taken away, then the pattern is ticked alone.
    terminal.answer("", SPACE + DOWN * place + SPACE + ENTER)
    terminal.answer("Prometheus", ENTER)
    if pattern == "queue":
        terminal.answer("Engine of the queue:", ENTER)
    terminal.answer("Title:", ENTER)
    terminal.answer("Description:", ENTER)

    assert terminal.end() == 0
    assert f"`{pattern}` needs `database`: it is included." in terminal.text
    assert f"fastgen new shop --with database,{pattern} " in terminal.text
    answers.update(
        name="shop",
        title="Shop",
        description="The Shop service.",
        author="",
        patterns=["database", pattern],
        **({"queue": "procrastinate"} if pattern == "queue" else {}),
    )
