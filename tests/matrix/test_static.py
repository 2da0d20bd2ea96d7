"""Tier 0: what can be seen without running a project, for every combination on every run.

A tool that reads many projects at once is started once for all of them.
"""

import os
import re
import subprocess
import sysconfig
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from fastgen.project.patterns import names
from tests.environment import Environment
from tests.matrix.combinations import ALL, Combination, label
from tests.matrix.file_table import read_table, traits, write_table
from tests.support import DEPTRY, contents, generate

TOOLS = Path(sysconfig.get_path("scripts"))
Tree = Mapping[str, bytes]
NAMED = re.compile(r"(?:`|\]\(|^)((?:app|docs|migrations|tests)/[\w./-]*)", re.MULTILINE)
"""A path in a document: as code, as a link, or at the start of a line of the tree."""


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every project."""
    folder = tmp_path_factory.mktemp("static")
    for combination in ALL:
        generate(folder, name=label(combination), patterns=combination)
    return folder


@pytest.fixture(scope="module")
def trees(projects: Path) -> Mapping[Combination, Tree]:
    """The files of each, in which nothing has run."""
    return {combination: contents(projects / label(combination)) for combination in ALL}


def known_settings(tree: Tree) -> list[str]:
    """The names in `.env.example`."""
    return re.findall(r"^([A-Z][A-Z0-9_]*)=", tree[".env.example"].decode(), re.MULTILINE)


def complaints(*command: str, cwd: Path) -> str:
    """The output of a tool of fastgen's own environment, if it fails."""
    done = subprocess.run(
        [TOOLS / command[0], *command[1:]], cwd=cwd, capture_output=True, text=True, check=False
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def compile_all(trees: Iterable[Tree]) -> None:
    """Compile the Python files, equal ones once."""
    for path, content in {file for tree in trees for file in tree.items()}:
        if path.endswith(".py"):
            compile(content, path, "exec", dont_inherit=True)


def test_twice_is_the_same(trees: Mapping[Combination, Tree], tmp_path: Path) -> None:
    for combination, files in trees.items():
        again = generate(tmp_path, name=label(combination), patterns=combination)

        assert contents(again) == files


def test_formatted_without_a_formatter(projects: Path) -> None:
    assert complaints("ruff", "format", "--diff", "--no-cache", ".", cwd=projects) == ""


def test_nothing_to_mend(projects: Path) -> None:
    assert complaints("ruff", "check", "--no-cache", ".", cwd=projects) == ""


def test_nothing_to_mend_in_the_lines_of_black(tmp_path: Path) -> None:
    """Comments for the linter stay on the lines that they are about."""
    project = generate(tmp_path, patterns=names())
    width = ["--no-cache", "--config=line-length=88"]

    assert complaints("ruff", "format", "--quiet", *width, ".", cwd=project) == ""
    assert complaints("ruff", "check", *width, "--ignore=E501", ".", cwd=project) == ""


def test_everything_compiles(trees: Mapping[Combination, Tree]) -> None:
    compile_all(trees.values())


def test_documents_name_files_that_exist(trees: Mapping[Combination, Tree]) -> None:
    """Pages of patterns name files of other patterns too: the fullest project has all of them."""
    named = {
        (combination, page, path)
        for combination, files in trees.items()
        for page in files
        if page in ("README.md", "AGENTS.md") or (page.endswith(".md") and combination == ALL[-1])
        for path in NAMED.findall(files[page].decode())
    }
    folders = {
        combination: {str(parent) for path in files for parent in Path(path).parents}
        for combination, files in trees.items()
    }

    missing = {
        (page, path)
        for combination, page, path in named
        if path not in trees[combination] and path.rstrip("/") not in folders[combination]
    }

    # Those that an owner adds.
    assert missing == {("README.md", "app/api/v2/"), ("docs/database.md", "app/schemas/order.py")}


@pytest.mark.parametrize("combination", ALL, ids=label)
def test_imports_are_within_the_requirements(
    combination: Combination, projects: Path, environment: Environment
) -> None:
    result = environment.run(*DEPTRY, cwd=projects / label(combination))

    assert result.code == 0, result.err


@pytest.mark.parametrize("combination", ALL, ids=label)
def test_settings_are_those_of_the_example(
    combination: Combination, projects: Path, environment: Environment
) -> None:
    project = projects / label(combination)
    code = "from app.settings import Settings; print(*Settings.model_fields)"
    result = environment.run_code(code, cwd=project, env={"ENVIRONMENT": "test"})

    listed = re.findall(
        r"^([A-Z][A-Z0-9_]*)=", (project / ".env.example").read_text("utf-8"), re.MULTILINE
    )
    assert sorted(result.out.upper().split()) == sorted(listed)


def test_no_leftovers_of_rendering(trees: Mapping[Combination, Tree]) -> None:
    expressions = re.compile(
        rb"{%|%}|{#|(?<!\$){{ (?!options|message)|\.jinja|copier", re.IGNORECASE
    )

    for files in trees.values():
        assert {path: found for path in files if (found := expressions.findall(files[path]))} == {}


def test_text_files_are_tidy(trees: Mapping[Combination, Tree]) -> None:
    for path, content in {file for files in trees.values() for file in files.items()}:
        assert b"\r" not in content, path
        assert content == b"" or content.endswith(b"\n"), path
        assert not content.endswith(b"\n\n"), path
        assert not re.search(rb"[ \t]\n", content), path
        assert b"\n\n\n\n" not in content, path


def test_workflows_are_valid_and_safe(projects: Path) -> None:
    for schema, name in (
        ("github-workflows", "workflows/ci.yml"),
        ("dependabot", "dependabot.yml"),
    ):
        files = [f"{label(combination)}/.github/{name}" for combination in ALL]
        check = ["check-jsonschema", "--builtin-schema", f"vendor.{schema}"]
        assert complaints(*check, *files, cwd=projects) == ""
    folders = map(label, ALL)
    assert complaints("zizmor", "--offline", "--persona=pedantic", *folders, cwd=projects) == ""


def test_images_are_built_as_is_good_practice(projects: Path) -> None:
    dockerfile = f"{label(ALL[-1])}/Dockerfile"

    assert complaints("hadolint", dockerfile, cwd=projects) == ""
    assert {(projects / label(each) / "Dockerfile").read_bytes() for each in ALL} == {
        (projects / dockerfile).read_bytes()
    }


def test_the_files_are_those_on_record(trees: Mapping[Combination, Tree]) -> None:
    if os.environ.get("FASTGEN_UPDATE_SNAPSHOTS"):
        write_table(trees)
    table = read_table()
    for combination, files in trees.items():
        present = traits(combination)

        assert {*files} == {path for path, needed in table.items() if needed <= present}
