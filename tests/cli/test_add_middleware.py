"""`fastgen add middleware`, as a process."""

import shutil
from pathlib import Path

import black
import pytest

from fastgen.middleware.catalogue import IN_EVERY_PROJECT, known
from fastgen.project.operations import EXAMPLES, Operation
from tests.support import Result, contents, fastgen, generate, snapshot

LIST = Path("app", "middleware", "__init__.py")


@pytest.fixture
def project(plain_project: Path, tmp_path: Path) -> Path:
    shutil.copytree(plain_project, tmp_path / "shop")
    return tmp_path / "shop"


def add(project: Path, *arguments: str) -> Result:
    return fastgen("add", "middleware", *arguments, cwd=project)


def test_a_middleware_comes_with_tests_and_settings(project: Path) -> None:
    before = contents(project)

    result = add(project, "rate-limit")

    assert result.code == 0, result.err
    after = contents(project)
    assert {path for path in before if before[path] != after[path]} == {
        ".env.example",
        "app/middleware/__init__.py",
        "app/settings.py",
        "pyproject.toml",
    }
    assert b'RATE_LIMITS={"/": "600/minute"}\n' in after[".env.example"]
    assert b'"limits>=' in after["pyproject.toml"]
    assert ".fastgen/operations/middleware-rate-limit.toml" in after
    assert "app/middleware/rate_limit.py" in after
    assert "tests/middleware/test_rate_limit.py" in after


@pytest.mark.parametrize("name", ["timing", "rate-limit", "rate_limit", "audit"])
def test_twice_is_once(project: Path, name: str) -> None:
    add(project, name)
    before = snapshot(project)

    again = add(project, name, "--json")

    assert (again.code, again.document["status"]) == (0, "unchanged")
    assert snapshot(project) == before


@pytest.mark.parametrize("name", [each.name for each in IN_EVERY_PROJECT])
def test_middleware_of_every_project_changes_nothing(project: Path, name: str) -> None:
    before = snapshot(project)

    result = add(project, name)

    assert result.code == 0
    assert (
        result.out == f"The middleware `{name}` is in every project already: nothing has changed.\n"
    )
    assert snapshot(project) == before


def test_a_plan_touches_nothing_and_is_what_happens(project: Path) -> None:
    before = snapshot(project)

    planned = add(project, "timing", "--dry-run", "--json").document

    assert snapshot(project) == before
    done = add(project, "timing", "--json").document
    assert (planned["status"], done["status"], done["command"]) == (
        "planned",
        "done",
        "add middleware",
    )
    assert planned["files"] == done["files"]


def test_the_order_is_that_of_the_catalogue_whatever_comes_first(
    project: Path, tmp_path: Path
) -> None:
    names = [*known(), "audit"]
    for name in reversed(names):
        assert add(project, name).code == 0
    operations = (*EXAMPLES, *(Operation("middleware", name) for name in names))
    other = generate(tmp_path / "other", operations=operations)

    entries = [
        sorted((root / LIST).read_text().splitlines().index(line) for line in lines)
        for root in (project, other)
        for lines in [[line for line in (root / LIST).read_text().splitlines() if "(" in line]]
    ]
    assert (project / LIST).read_text() == (other / LIST).read_text()
    assert entries[0] == entries[1]


def test_a_replay_gives_the_same_bytes(project: Path, tmp_path: Path) -> None:
    names = ["csrf", "session", "request-sizes", "timing"]
    for name in names:
        add(project, name)
    operations = (*EXAMPLES, *(Operation("middleware", name) for name in names))

    replayed = generate(tmp_path / "again", operations=operations)

    assert contents(replayed) == contents(project)


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("../x", 2, "cannot be the name"),
        ("Audit", 2, "cannot be the name"),
        ("x" * 33, 2, "cannot be the name"),
        ("class", 2, "it is a keyword or a module of Python"),
        ("logging", 2, "it is a keyword or a module of Python"),
        ("list", 2, "it is a builtin of Python"),
        ("settings", 2, "the list of middleware uses that name"),
        ("draining", 3, "`app/middleware/draining.py` is there already"),
    ],
)
def test_refusals_write_nothing(project: Path, name: str, code: int, message: str) -> None:
    before = snapshot(project)

    result = add(project, name)

    assert result.code == code
    assert message in result.err
    assert "hint: " in result.err
    assert snapshot(project) == before


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("app/middleware/__init__.py", "def middleware():\n    return []\n"),
        ("app/settings.py", "x = 1\n"),
        ("pyproject.toml", "<<<<<<< ours\n[project]\n"),
        ("app/settings.py", None),
        (".env.example", None),
    ],
)
def test_files_that_cannot_be_edited(project: Path, path: str, text: str | None) -> None:
    if text is None:
        (project / path).unlink()
    else:
        (project / path).write_text(text)
    before = snapshot(project)

    result = add(project, "rate-limit")

    assert result.code == 3
    assert f"`{path}`" in result.err
    assert snapshot(project) == before


POETRY = """[tool.poetry]
name = "shop"

[tool.poetry.dependencies]
fastapi = "^0.165"
"""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (POETRY, "Poetry keeps the dependencies"),
        ('[project]\nname = "shop"\ndynamic = ["dependencies"]\n', "the dependencies are dynamic"),
        ("[tool.ruff]\nline-length = 100\n", "there is no list of `dependencies`"),
        ("[project]\n# dependencies = [\n# ]\n", "there is no list of `dependencies`"),
    ],
)
def test_a_requirement_is_left_to_the_user(project: Path, text: str, reason: str) -> None:
    (project / "pyproject.toml").write_text(text)
    before = contents(project)

    planned = add(project, "msgpack", "--dry-run", "--json").document
    result = add(project, "msgpack", "--json")

    document = result.document
    assert (result.code, document["exit_code"], document["status"]) == (1, 1, "conflicts")
    assert planned["status"] == "planned"
    assert {"path": "pyproject.toml", "action": "conflict", "bytes": len(text)} in document["files"]
    assert document["next"][0] == "add `ormsgpack>=1.13` to the project's dependencies"
    assert planned["files"] == document["files"]
    after = contents(project)
    assert after["pyproject.toml"] == before["pyproject.toml"]
    assert b"MsgPack" in after["app/middleware/__init__.py"]

    again = add(project, "msgpack", "--json")
    assert (again.code, again.document["status"]) == (0, "unchanged")
    assert contents(project) == after

    removed = fastgen("remove", "middleware", "msgpack", cwd=project)
    assert removed.code == 0, removed.err
    assert contents(project) == before
    shown = add(project, "msgpack")
    assert shown.code == 1
    assert f"`pyproject.toml` cannot be edited: {reason}" in shown.out
    assert "  add `ormsgpack>=1.13` to the project's dependencies\n" in shown.out


def test_a_requirement_that_poetry_has(project: Path) -> None:
    (project / "pyproject.toml").write_text(f'{POETRY}ormsgpack = "^1.13"\n')

    assert add(project, "msgpack").code == 0


def test_a_list_that_black_has_wrapped(project: Path) -> None:
    text = (project / LIST).read_text()
    wrapped = black.format_str(text, mode=black.Mode(line_length=60))
    (project / LIST).write_text(wrapped)

    assert add(project, "csrf").code == 0

    lines = [line.strip() for line in (project / LIST).read_text().splitlines()]
    old = [line.strip() for line in wrapped.splitlines()]
    assert sorted({*lines} - {*old}) == [
        "Middleware(CSRF, settings.allowed_origins),",
        "from app.middleware.csrf import CSRF",
    ]
    assert fastgen("remove", "middleware", "csrf", cwd=project).code == 0
    assert (project / LIST).read_text() == wrapped


def test_the_list_shows_what_was_added(project: Path) -> None:
    add(project, "timing")
    add(project, "audit")

    lines = fastgen("list", "middleware", cwd=project).out.splitlines()

    added = [line.split()[0] for line in lines if line.endswith("(added)")]
    assert added == ["timing", "audit"]
    assert {line.split()[0] for line in lines} >= {*known(), "cors"}
