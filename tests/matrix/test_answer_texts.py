"""Any title, description and author: the project stays whole, and they read back equal from it."""

import ast
import json
import shutil
import subprocess
import sysconfig
import tempfile
import tomllib
from pathlib import Path
from typing import Any

import pytest
from dotenv import dotenv_values
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from fastgen.project.state import read_state
from tests.environment import Environment
from tests.support import contents, generate

NASTY = (
    'It\'s "quoted" \'\'\'thrice\'\'\' """too""" \\ \\n {{ x }} {% y %} {# z #} ${HOME} $x %(a)s %'
    " # no: comment, <b>&amp; `code` *x* [a](b) | \u2028\u2029\x85\x0b\x0c\x1c \U0001f600 \u202e"
    "\r\n\tsecond line\n\n= third\n- fourth\x7f"
)
ANY = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
SYNTAX = st.text(" \t\n\r\\\"'`{}[]()<>%$#&|~*_+-=:;,.!?/0a\u2028\U0001f600", max_size=60)
TEXT = ANY | SYNTAX
LONG = st.text("ab '\"", min_size=60, max_size=140)


@pytest.fixture(scope="module")
def nasty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("nasty")
    return generate(folder, title=NASTY, description=NASTY, author=NASTY)


@settings(max_examples=60)
@given(TEXT | LONG, TEXT | LONG, TEXT | LONG)
@example("", "", "")
@example(NASTY, NASTY, NASTY)
@example("a" * 5000, "'" * 83, '"' * 84)
@example("words " * 30, "日本 " * 100, "\U0001f600" * 46)
def test_they_read_back_equal(
    plain_project: Path, title: str, description: str, author: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        texts = (title, description, author)
        project = generate(Path(folder), title=title, description=description, author=author)

        answers = read_state(project).answers
        assert (answers.title, answers.description, answers.author) == texts
        assert strings(project / "app" / "settings.py") >= set(texts)
        example_of_settings = dotenv_values(project / ".env.example")
        assert example_of_settings["APP_TITLE"] == title
        assert example_of_settings["APP_DESCRIPTION"] == description
        assert example_of_settings["CONTACT_NAME"] == author
        metadata = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))["project"]
        assert metadata["description"] == on_one_line(description)
        assert shown(project / "README.md", "# ", title)
        others = {path: text for path, text in contents(project).items() if path not in WITH_TEXTS}
        assert others.items() <= contents(plain_project).items()
        assert formatted(project) == ""
        assert linted(project) == "All checks passed!\n"


WITH_TEXTS = {
    ".env.example",
    ".fastgen.toml",
    "AGENTS.md",
    "README.md",
    "app/settings.py",
    "pyproject.toml",
}


def strings(path: Path) -> set[str]:
    """The texts in a Python file."""
    tree = ast.parse(path.read_bytes())
    constants = [node for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    return {node.value for node in constants if isinstance(node.value, str)}


def on_one_line(text: str) -> str:
    return " ".join(text.split())


def shown(path: Path, start: str, text: str) -> bool:
    """Whether the heading of a document says the text, as a reader sees it."""
    source = path.read_bytes().decode("utf-8")
    assert source.startswith(start)
    heading = MarkdownIt("gfm-like").disable("linkify").parse(source)[1]
    parts = heading.children or []
    return on_one_line("".join(part.content for part in parts)) == on_one_line(text)


def formatted(project: Path) -> str:
    return ruff(project, "format", "--diff", "--no-cache", "app")


def linted(project: Path) -> str:
    return ruff(project, "check", "--no-cache", "app/settings.py")


def ruff(project: Path, *arguments: str) -> str:
    command = [f"{sysconfig.get_path('scripts')}/ruff", *arguments]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False).stdout


def test_a_builder_of_packages_takes_them(nasty: Path, environment: Environment) -> None:
    result = environment.run("hatchling", "metadata", cwd=nasty)

    assert result.code == 0, result.err
    metadata: dict[str, Any] = json.loads(result.out)
    assert metadata["description"] == on_one_line(NASTY)
    assert metadata["authors"] == [{"name": on_one_line(NASTY)}]


def test_the_application_says_them(nasty: Path, environment: Environment) -> None:
    code = (
        "import json; from app.main import create_app; from app.settings import Settings;"
        "print(json.dumps(create_app(Settings()).openapi()['info']))"
    )
    result = environment.run_code(code, cwd=nasty, env={"ENVIRONMENT": "test"})

    info: dict[str, Any] = json.loads(result.out)
    assert (info["title"], info["description"]) == (NASTY, NASTY)
    assert info["contact"] == {"name": NASTY}


def test_the_example_of_settings_says_them(nasty: Path, environment: Environment) -> None:
    """Copied to `.env`, the example changes nothing."""
    shutil.copy(nasty / ".env.example", nasty / ".env")
    code = "from app.settings import Settings; print(ascii(Settings().app_title))"
    result = environment.run("python", "-W", "ignore", "-c", code, cwd=nasty)
    (nasty / ".env").unlink()

    assert ast.literal_eval(result.out) == NASTY
