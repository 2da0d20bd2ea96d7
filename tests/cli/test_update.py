"""`fastgen update`: projects that people have edited, and later versions of fastgen."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from fastgen import __version__
from fastgen.project.operations import EXAMPLES, Operation
from fastgen.project.state import STATE_FILE
from tests.cli.injection import Call, disturb, needs_strace, sample, trace
from tests.made_versions import SECOND, THIRD, Installation, second_version, third_version
from tests.support import contents, fastgen, generate, snapshot

MARKED = r"<<<<<<< yours\n(.*?)\|{7} .*?>>>>>>> fastgen\n"
ADDED = (Operation("middleware", "timing"), Operation("extra", "metrics"))


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return second_version(tmp_path_factory.mktemp("versions"))


@pytest.fixture(scope="module")
def third(second: Installation) -> Installation:
    return third_version(second)


@pytest.fixture(scope="module")
def first_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of this checkout; tests copy it."""
    return generate(
        tmp_path_factory.mktemp("first"),
        patterns=("database",),
        operations=(*EXAMPLES, *ADDED),
        version=__version__,
    )


@pytest.fixture
def project(first_project: Path, tmp_path: Path) -> Path:
    shutil.copytree(first_project, tmp_path / "shop")
    return tmp_path / "shop"


def actions(document: dict[str, object]) -> dict[str, str]:
    files = document["files"]
    assert isinstance(files, list)
    return {file["path"]: file["action"] for file in files}


def put(file: Path, before: str, after: str) -> None:
    text = file.read_text()
    assert text.count(before) == 1, (file, before)
    file.write_text(text.replace(before, after))


def git(folder: Path, *arguments: str) -> str:
    command = ["git", *arguments]
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout


def revisions(project: Path) -> dict[str, bytes]:
    return {path: each for path, each in contents(project).items() if "/versions/" in path}


def without_revisions(tree: dict[str, bytes]) -> dict[str, bytes]:
    return {path: each for path, each in tree.items() if "/versions/" not in path}


@pytest.mark.parametrize("number", [SECOND, THIRD])
def test_an_unedited_project_becomes_that_of_the_version(
    project: Path, second: Installation, third: Installation, number: str
) -> None:
    installed = second if number == SECOND else third
    before = revisions(project)
    (project.parent / "new").mkdir()
    new = ["new", "--from", str(project), "--no-git", "--dir", str(project.parent / "new")]
    assert installed.fastgen(*new, cwd=project).code == 0

    result = installed.fastgen("update", "--json", cwd=project)

    assert (result.code, result.document["status"]) == (0, "done"), result.out + result.err
    fresh = project.parent / "new" / "shop"
    assert without_revisions(contents(project)) == without_revisions(contents(fresh))
    # A revision that a database may have followed stays as it is.
    after = revisions(project)
    assert before.items() <= after.items()
    assert [path.endswith("_add_rank_to_items.py") for path in after.keys() - before] == [True]
    assert installed.fastgen("update", "--json", cwd=project).document["status"] == "unchanged"


@pytest.mark.parametrize("at_once", [False, True], ids=["one by one", "two at once"])
def test_edits_survive(
    project: Path, second: Installation, third: Installation, at_once: bool
) -> None:
    own = {
        # Moved by the second version, and changed by the third.
        "app/core/http_client.py": ("        yield client", "        yield client  # own"),
        "app/models/item.py": ("\n\nclass Item(", "\n\nOWN = 1\n\n\nclass Item("),
        "pyproject.toml": ('    "asyncpg', '    "arrow>=1.3",\n    "asyncpg'),
        ".env.example": ("HOST=127.0.0.1\n", "HOST=127.0.0.1\nHTTP_OWN=1\n"),
        "app/core/pagination.py": ('"""Pagination', '"""Own pagination'),
        ".editorconfig": ("root = true", "root = true  # own"),
    }
    for path, (before, after) in own.items():
        put(project / path, before, after)
    (project / "app/middleware/timing.py").unlink()
    (project / "app/core/health.py").rename(project / "app/core/readiness.py")

    first = (third if at_once else second).fastgen("update", "--json", cwd=project)

    assert first.code == 1, first.out + first.err
    found = actions(first.document)
    assert found["app/core/pagination.py"] == "conflict"
    assert found[".editorconfig"] == "keep"
    assert found["app/core/http_client.py"] == "delete"
    text = (project / "app/core/pagination.py").read_text()
    assert text.startswith('<<<<<<< yours\n"""Own pagination by cursor. ')
    (project / "app/core/pagination.py").write_text(re.sub(MARKED, r"\1", text, flags=re.DOTALL))
    if not at_once:
        last = third.fastgen("update", "--json", cwd=project)
        assert (last.code, last.document["status"]) == (0, "done"), last.out + last.err

    moved = (project / "app/core/clients/http.py").read_text()
    assert "        yield client  # own\n" in moved
    assert f"since {THIRD}" in moved
    assert f"since {THIRD}" in (project / "app/core/readiness.py").read_text()
    assert {"HTTP_AGENT=orders", "HTTP_OWN=1"} <= {*(project / ".env.example").read_text().split()}
    assert {'"anyio>=4.17",', '"arrow>=1.3",'} <= {
        *(project / "pyproject.toml").read_text().split()
    }
    assert (project / "app/models/item.py").read_text().count("OWN = 1\n") == 1
    assert not (project / "app/middleware/timing.py").exists()
    assert not (project / "app/core/health.py").exists()
    assert not (project / "PATTERNS").exists()
    assert f'fastgen = "{THIRD}"' in (project / STATE_FILE).read_text()
    assert third.fastgen("update", "--json", cwd=project).document["status"] == "unchanged"


def test_a_check_says_whether_there_is_an_update(project: Path, second: Installation) -> None:
    put(project / "app/core/pagination.py", '"""Pagination', '"""Own pagination')
    before = snapshot(project)

    planned = second.fastgen("update", "--check", "--json", cwd=project)
    shown = second.fastgen("update", "--check", cwd=project)
    dry = second.fastgen("update", "--dry-run", "--json", cwd=project)

    assert (planned.code, shown.code, dry.code) == (1, 1, 0)
    assert planned.document["status"] == dry.document["status"] == "planned"
    assert "app/core/clients/http.py" in shown.out
    assert snapshot(project) == before
    done = second.fastgen("update", "--json", cwd=project)
    assert done.document["files"] == planned.document["files"] == dry.document["files"]
    again = second.fastgen("update", "--check", "--json", cwd=project)
    assert (again.code, again.document["status"]) == (0, "unchanged")


def test_conflicts_are_unmerged_in_git(project: Path, second: Installation, tmp_path: Path) -> None:
    edited = project / "app/core/pagination.py"
    put(edited, '"""Pagination', '"""Own pagination')
    edited.chmod(0o755)
    for command in ("init --quiet", "add --all"):
        git(project, *command.split())

    # As a hook of another repository would start it.
    other = {"GIT_DIR": str(tmp_path / "other"), "GIT_INDEX_FILE": str(tmp_path / "index")}
    assert second.fastgen("update", cwd=project, env=other).code == 1

    stages = git(project, "ls-files", "--unmerged").splitlines()
    assert [[line.split()[0], *line.split()[2:]] for line in stages] == [
        ["100755", stage, "app/core/pagination.py"] for stage in "123"
    ]
    assert edited.stat().st_mode & 0o777 == 0o755


def test_a_project_of_an_older_release_is_updated_before_it_is_changed(
    project: Path, second: Installation
) -> None:
    before = snapshot(project)
    for command in ("add router orders", "remove middleware timing", "add pattern cache"):
        result = second.fastgen(*command.split(), "--json", cwd=project)
        assert result.code == 3, command
        assert "First run `fastgen update`." in result.document["error"]["hint"]
    assert snapshot(project) == before


@pytest.mark.parametrize(
    ("number", "code", "words"),
    [("0.0.1", 3, "archive of released versions"), ("99.0.0", 4, "newer version")],
)
def test_a_version_that_was_not_released_before(
    project: Path, number: str, code: int, words: str
) -> None:
    put(project / STATE_FILE, f'"{__version__}"', f'"{number}"')
    before = snapshot(project)

    for option in ("--json", "--check", "--dry-run"):
        result = fastgen("update", option, "--json", cwd=project)

        assert (result.code, words in result.document["error"]["message"]) == (code, True)
        assert result.document["error"]["hint"]
    assert snapshot(project) == before


def test_the_installed_version_is_up_to_date(project: Path) -> None:
    before = snapshot(project)

    assert fastgen("update", "--check", cwd=project).code == 0
    assert fastgen("update", "--json", cwd=project).document["status"] == "unchanged"
    assert "up to date" in fastgen("update", cwd=project).out
    assert snapshot(project)[".fastgen.toml"] == before[".fastgen.toml"]


def test_doctor_names_an_update(project: Path, second: Installation) -> None:
    # Files of the second version alone are not missing in a project of the first one.
    findings = second.fastgen("doctor", "--json", cwd=project).document["data"]
    assert [(each["name"], "`fastgen update`" in each["hint"]) for each in findings] == [
        ("version", True)
    ]


@needs_strace
def test_a_plan_writes_nothing(first_project: Path, second: Installation, tmp_path: Path) -> None:
    """The older release renders in memory: what is written are pipes."""
    calls = trace(["update", "--dry-run"], first_project, tmp_path / "log", second.program)

    assert {call.name for call in calls} == {"write"}


@pytest.fixture(scope="module")
def calls(
    first_project: Path, second: Installation, tmp_path_factory: pytest.TempPathFactory
) -> list[Call]:
    """The calls of an undisturbed update that change the disk, those of the older release too."""
    folder = tmp_path_factory.mktemp("calls")
    shutil.copytree(first_project, folder / "shop")
    return trace(["update"], folder / "shop", folder / "log", second.program)


@pytest.fixture(scope="module")
def complete(
    first_project: Path, second: Installation, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, bytes]:
    project = tmp_path_factory.mktemp("complete") / "shop"
    shutil.copytree(first_project, project)
    assert second.fastgen("update", cwd=project).code == 0
    return contents(project)


@needs_strace
def test_a_full_disk(
    project: Path, second: Installation, calls: list[Call], complete: dict[str, bytes]
) -> None:
    before = snapshot(project)
    kept = project.with_name("kept")
    shutil.copytree(project, kept)
    ends = set()
    for call in sample(calls, ends=1, step=1000, share=(0, 2)):
        code = disturb(["update"], project, call, "error=ENOSPC", program=second.program).code

        is_old = snapshot(project) == before
        is_new = contents(project) == complete
        # The older release writes to a pipe alone; if it cannot, the update is refused.
        assert (code, is_old, is_new) in {(5, True, False), (3, True, False), (0, False, True)}, (
            call
        )
        ends.add(code)
        if is_new:
            shutil.rmtree(project)
            shutil.copytree(kept, project)
            before = snapshot(project)

    assert 5 in ends


@needs_strace
def test_a_kill(
    project: Path,
    second: Installation,
    tmp_path: Path,
    calls: list[Call],
    complete: dict[str, bytes],
) -> None:
    old, folder = contents(project), tmp_path / "killed"
    ends = set()
    # The calls of the transaction are the last ones of their names.
    for call in sample(calls, ends=1, step=1000, share=(1, 2)):
        shutil.copytree(project, folder)

        # If the program of the older release is killed, the update is refused.
        code = disturb(["update"], folder, call, "signal=KILL", program=second.program).code
        assert code in (-9, 0, 3), call
        # The next command finishes or undoes what is left. It refuses a project of the release.
        assert second.fastgen("add", "middleware", "cors", cwd=folder).code in (0, 3)

        found = contents(folder)
        ends.add("new" if found == complete else "old" if found == old else "mixture")
        shutil.rmtree(folder)

    assert ends == {"old", "new"}
