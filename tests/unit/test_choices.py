"""A pattern may have choices, of which a project has one."""

import json
from pathlib import Path

import pytest

from fastgen.cli import run
from fastgen.errors import BadInput
from fastgen.project.choices import choices_of, choose_one

QUEUE = ("database", "queue")


def test_the_first_one_is_the_default() -> None:
    assert choose_one("queue", None, QUEUE) == choices_of("queue")[0].name == "procrastinate"


@pytest.mark.parametrize("wanted", ["procrastinate", " Procrastinate "])
def test_chosen(wanted: str) -> None:
    assert choose_one("queue", wanted, QUEUE) == "procrastinate"


def test_without_the_pattern_there_is_nothing_to_choose() -> None:
    assert choose_one("queue", None, ("database",)) == ""
    with pytest.raises(BadInput, match="the pattern `queue` is not chosen"):
        choose_one("queue", "procrastinate", ("database",))


@pytest.mark.parametrize("wanted", ["", "rabbits", "../procrastinate"])
def test_not_on_offer(wanted: str) -> None:
    with pytest.raises(BadInput, match="not a choice for `--queue`") as failure:
        choose_one("queue", wanted, QUEUE)

    assert failure.value.hint.startswith("Choose from: procrastinate")


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--with=queue", "--queue=procrastinate"], 0),
        (["--with=queue", "--queue=rabbits"], 2),
        (["--with=database", "--queue=procrastinate"], 2),
    ],
)
def test_the_option(
    options: list[str], code: int, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(["new", "shop", f"--dir={tmp_path}", "--dry-run", "--json", *options]) == code
    assert json.loads(capsys.readouterr().out)["exit_code"] == code


def test_it_is_recorded(tmp_path: Path) -> None:
    assert run(["new", "shop", f"--dir={tmp_path}", "--with=queue", "--no-git", "--yes"]) == 0
    assert 'queue = "procrastinate"\n' in (tmp_path / "shop" / ".fastgen.toml").read_text("utf-8")
