"""Tier 0: what can be seen without running a project, for every combination on every run."""

import re
import subprocess
import sysconfig
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.environment import Environment
from tests.matrix.combinations import ALL, Combination, label
from tests.matrix.file_table import read_table, traits
from tests.support import contents, generate

TOOLS = Path(sysconfig.get_path("scripts"))


@pytest.fixture(scope="module", params=ALL, ids=label)
def combination(request: pytest.FixtureRequest) -> Combination:
    chosen: Combination = request.param
    return chosen


@pytest.fixture(scope="module")
def project(combination: Combination, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(tmp_path_factory.mktemp("static"), patterns=combination)


@pytest.fixture(scope="module")
def files(project: Path) -> Mapping[str, bytes]:
    return contents(project)


def complaints(*command: str, cwd: Path) -> str:
    """What a tool of fastgen's own environment has to say, if it is not content."""
    done = subprocess.run(
        [TOOLS / command[0], *command[1:]], cwd=cwd, capture_output=True, text=True, check=False
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_twice_is_the_same(
    combination: Combination, files: Mapping[str, bytes], tmp_path: Path
) -> None:
    assert contents(generate(tmp_path, patterns=combination)) == files


def test_formatted_without_a_formatter(project: Path) -> None:
    assert complaints("ruff", "format", "--diff", "--no-cache", cwd=project) == ""


def test_nothing_to_mend(project: Path) -> None:
    assert complaints("ruff", "check", "--no-cache", cwd=project) == ""


def test_everything_compiles(files: Mapping[str, bytes]) -> None:
    for path, content in files.items():
        if path.endswith(".py"):
            compile(content, path, "exec", dont_inherit=True)


def test_imports_are_within_the_requirements(project: Path, environment: Environment) -> None:
    result = environment.run(
        "deptry",
        ".",
        "--known-first-party=app",
        "--extend-exclude=tests",
        "--per-rule-ignores=DEP002=aiosqlite|asyncpg",  # SQLAlchemy imports them by the URL
        cwd=project,
    )

    assert result.code == 0, result.err


def test_settings_are_those_of_the_example(project: Path, environment: Environment) -> None:
    code = "from app.settings import Settings; print(*Settings.model_fields)"
    result = environment.run("python", "-c", code, cwd=project, env={"ENVIRONMENT": "test"})

    listed = re.findall(r"^([A-Z_]+)=", (project / ".env.example").read_text("utf-8"), re.MULTILINE)
    assert sorted(result.out.upper().split()) == sorted(listed)


def test_no_leftovers_of_rendering(files: Mapping[str, bytes]) -> None:
    expressions = re.compile(
        rb"{%|%}|{#|(?<!\$){{ (?!options|message)|\.jinja|copier", re.IGNORECASE
    )

    assert {path: found for path in files if (found := expressions.findall(files[path]))} == {}


def test_text_files_are_tidy(files: Mapping[str, bytes]) -> None:
    for path, content in files.items():
        assert b"\r" not in content, path
        assert content == b"" or content.endswith(b"\n"), path
        assert not content.endswith(b"\n\n"), path
        assert not re.search(rb"[ \t]\n", content), path
        assert b"\n\n\n\n" not in content, path


def test_workflows_are_valid_and_safe(project: Path) -> None:
    schema = ["check-jsonschema", "--builtin-schema"]
    workflow, dependabot = ".github/workflows/ci.yml", ".github/dependabot.yml"

    assert complaints(*schema, "vendor.github-workflows", workflow, cwd=project) == ""
    assert complaints(*schema, "vendor.dependabot", dependabot, cwd=project) == ""
    assert complaints("zizmor", "--offline", "--persona=pedantic", ".", cwd=project) == ""


def test_the_files_are_those_on_record(
    combination: Combination, files: Mapping[str, bytes]
) -> None:
    present = traits(combination)

    assert {*files} == {path for path, needed in read_table().items() if needed <= present}
