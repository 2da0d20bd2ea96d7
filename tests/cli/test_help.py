"""Help, versions, completion; what is imported for them, and what documents them."""

import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import fastgen as package
from tests.support import ROOT, fastgen, generate

WHAT = ("router", "middleware", "extra", "pattern", "field")
HEAVY = {"copier", "jinja2", "prompt_toolkit", "pydantic", "questionary", "rich", "yaml"}


def imported_by(*arguments: str, cwd: Path) -> set[str]:
    code = (
        "import sys\nfrom fastgen.cli import run\n"
        f"run({list(arguments)!r})\n"
        "print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=cwd, capture_output=True, text=True, check=True
    )
    return set(done.stderr.split())


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["new", "--help"]])
def test_nothing_heavy_is_imported(tmp_path: Path, arguments: list[str]) -> None:
    heavy = HEAVY if arguments[0].startswith("-") else HEAVY - {"pydantic"}

    assert imported_by(*arguments, cwd=tmp_path) & heavy == set()


def test_without_a_terminal_nothing_is_imported_to_ask(tmp_path: Path) -> None:
    imported = imported_by("new", "shop", "--json", cwd=tmp_path)

    assert "jinja2" in imported
    assert imported & {"copier", "prompt_toolkit", "questionary", "rich", "yaml"} == set()


def test_adding_imports_little(tmp_path: Path) -> None:
    project = generate(tmp_path)

    imported = imported_by("add", "router", "orders", "--json", cwd=project)

    assert "jinja2" in imported
    assert imported & {"copier", "prompt_toolkit", "questionary", "rich", "yaml"} == set()
    assert (project / "app" / "models" / "order.py").exists()


def test_version(tmp_path: Path) -> None:
    result = fastgen("--version", cwd=tmp_path)

    assert (result.code, result.out) == (0, f"fastgen {package.__version__}\n")


def test_no_command_shows_the_help(tmp_path: Path) -> None:
    result = fastgen(cwd=tmp_path)

    assert result.code == 0
    assert result.out == fastgen("--help", cwd=tmp_path).out
    assert {"new", "add", "remove", "list", "doctor"} <= set(result.out.split())


@pytest.mark.parametrize("command", ["add", "remove"])
def test_half_a_command_shows_its_help(tmp_path: Path, command: str) -> None:
    result = fastgen(command, cwd=tmp_path)

    assert result.code == 0
    assert {"router", "middleware"} <= set(result.out.split())


@pytest.mark.parametrize("command", [[], ["add"], ["remove"]], ids=" ".join)
def test_no_summary_of_a_command_is_cut(tmp_path: Path, command: list[str]) -> None:
    shown = fastgen(*command, "--help", cwd=tmp_path, env={"COLUMNS": "80"}).out

    commands = shown.partition("Commands:\n")[2].splitlines()
    assert len(commands) >= 5
    assert [line for line in commands if line.endswith("...")] == []


def test_no_document_installs_a_program_of_others() -> None:
    texts = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("templates/**/*.jinja")]
    texts += [*ROOT.glob("templates/**/*.md"), *ROOT.glob("src/**/*.py"), *ROOT.glob("*/*/*.yml")]
    installs = re.compile(
        r"(?:install|uvx|pipx run|add)(?: -\S+)*[ \"'=]+fastgen(?:-cli)?(?![-\w])"
    )

    found = {path.name: installs.findall(path.read_text("utf-8")) for path in texts}

    assert len(texts) > 50
    assert {name: lines for name, lines in found.items() if lines} == {
        "0079-the-distribution-is-called-fastgen-fastapi.md": ["install fastgen"]
    }


@pytest.mark.parametrize("what", WHAT)
def test_the_help_of_adding_and_removing(tmp_path: Path, what: str) -> None:
    record = ROOT / "tests" / "cli" / "help"
    for command in ("add", "remove"):
        shown = fastgen(command, what, "--help", cwd=tmp_path, env={"COLUMNS": "80"}).out
        path = record / f"{command}-{what}.txt"
        if os.environ.get("FASTGEN_UPDATE_SNAPSHOTS"):
            record.mkdir(exist_ok=True)
            path.write_text(shown, "utf-8")

        assert path.read_text("utf-8") == shown


@pytest.mark.parametrize(
    ("typed", "proposed"),
    [
        ("fastgen n", {"new"}),
        ("fastgen add middleware ti", {"timing", "timeout"}),
        ("fastgen remove r", {"router"}),
        ("fastgen new shop --with no", {"none"}),
        ("fastgen new shop --with none,al", {"none,all"}),
        ("fastgen list r", {"routers"}),
    ],
)
def test_the_shell_completes(tmp_path: Path, typed: str, proposed: set[str]) -> None:
    variables = {
        "_FASTGEN_COMPLETE": "complete_bash",
        "COMP_WORDS": typed,
        "COMP_CWORD": str(len(typed.split()) - 1),
    }
    script = Path(sysconfig.get_path("scripts")) / "fastgen"
    done = subprocess.run(
        [script], cwd=tmp_path, env=os.environ | variables, capture_output=True, check=False
    )

    assert set(done.stdout.decode().split()) == proposed
