"""Commands that merge, in every state that git may have a project in: nothing of people is lost."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.made_versions import Installation, second_version
from tests.matrix.combinations import EVERYTHING
from tests.support import contents, fastgen, generate, snapshot

GIT = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
GIT += ["-c", "protocol.file.allow=always"]
COMMANDS = (
    "add pattern streaming",
    "add field items note:text:optional",
    "add extra metrics",
    "remove field items note",
    "remove pattern cache",
)
MAIN, MODEL, SERVER = "app/main.py", "app/models/item.py", "tests/conftest.py"
OWN = "# Own.\n"
MARKERS = ("<<<<<<<", "|||||||", "=======", ">>>>>>>")


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A committed project; tests copy or clone it."""
    project = generate(tmp_path_factory.mktemp("first"), patterns=("database", "cache"))
    git(project, "init", "--quiet", "--initial-branch=main")
    git(project, "config", "uploadpack.allowFilter", "true")
    commit(project, "first")
    return project


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return second_version(tmp_path_factory.mktemp("versions"))


@pytest.fixture
def project(repository: Path, tmp_path: Path) -> Path:
    shutil.copytree(repository, tmp_path / "shop")
    return tmp_path / "shop"


def git(folder: Path, *arguments: str, fails: bool = False) -> str:
    done = subprocess.run(
        [*GIT, *arguments], cwd=folder, check=not fails, capture_output=True, text=True
    )
    assert bool(done.returncode) is fails, done.stdout
    return done.stdout


def commit(folder: Path, message: str) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", f"--message={message}")


def put(file: Path, line: str) -> None:
    """Put a line above a file, with the line ends of the file."""
    content = file.read_bytes()
    end = b"\r\n" if b"\r\n" in content else b"\n"
    file.write_bytes(line.encode().replace(b"\n", end) + content)


def clone(source: Path, target: Path, *options: str) -> Path:
    git(target.parent, "clone", "--quiet", *options, f"file://{source}", str(target))
    return target


def of_a_clone(*options: str) -> Callable[[Path, Path], Path]:
    return lambda repository, folder: clone(repository, folder / "shop", *options)


def worktree(repository: Path, folder: Path) -> Path:
    main = clone(repository, folder / "main")
    git(main, "worktree", "add", "--quiet", "../shop")
    return folder / "shop"


def worktree_of_a_bare_repository(repository: Path, folder: Path) -> Path:
    clone(repository, folder / ".bare", "--bare")
    (folder / ".git").write_text("gitdir: ./.bare\n")
    git(folder, "worktree", "add", "--quiet", "shop", "main")
    return folder / "shop"


def submodule(repository: Path, folder: Path) -> Path:
    outer = folder / "outer"
    outer.mkdir()
    git(outer, "init", "--quiet")
    git(outer, "submodule", "--quiet", "add", str(repository), "shop")
    commit(outer, "first")
    return outer / "shop"


def folder_of_a_monorepo(repository: Path, folder: Path) -> Path:
    project = folder / "services" / "shop"
    shutil.copytree(repository, project, ignore=shutil.ignore_patterns(".git"))
    git(folder, "init", "--quiet")
    commit(folder, "first")
    return project


def detached(repository: Path, folder: Path) -> Path:
    project = clone(repository, folder / "shop")
    git(project, "checkout", "--quiet", "--detach")
    return project


def two_branches(repository: Path, folder: Path, module: str = MODEL) -> Path:
    """Both have changed the first line of a module."""
    project = clone(repository, folder / "shop")
    git(project, "checkout", "--quiet", "-b", "other")
    put(project / module, "# Of the other branch.\n")
    commit(project, "other")
    git(project, "checkout", "--quiet", "main")
    put(project / module, "# Of this branch.\n")
    commit(project, "this")
    return project


def merge(repository: Path, folder: Path) -> Path:
    project = two_branches(repository, folder)
    git(project, "merge", "other", fails=True)
    return project


def rebase(repository: Path, folder: Path) -> Path:
    project = two_branches(repository, folder)
    git(project, "rebase", "other", fails=True)
    return project


def bisect(repository: Path, folder: Path) -> Path:
    project = two_branches(repository, folder)
    commit_of = git(project, "rev-list", "--max-parents=0", "HEAD").strip()
    git(project, "bisect", "start", "HEAD", commit_of)
    return project


def without_assets(repository: Path, folder: Path) -> Path:
    """A sparse checkout without a folder that is not of fastgen."""
    project = clone(repository, folder / "first")
    (project / "assets").mkdir()
    (project / "assets" / "logo.svg").write_text("<svg/>\n")
    commit(project, "assets")
    folders = [path.name for path in project.iterdir() if path.is_dir()]
    git(project, "sparse-checkout", "set", *{*folders} - {".git", "assets"})
    return project


def without_repository(repository: Path, folder: Path) -> Path:
    shutil.copytree(repository, folder / "shop", ignore=shutil.ignore_patterns(".git"))
    return folder / "shop"


STATES: dict[str, Callable[[Path, Path], Path]] = {
    "worktree": worktree,
    "worktree of a bare repository": worktree_of_a_bare_repository,
    "submodule": submodule,
    "monorepo": folder_of_a_monorepo,
    "detached": detached,
    "bisect": bisect,
    "shallow": of_a_clone("--depth=1"),
    "partial": of_a_clone("--filter=blob:none"),
    "sparse": without_assets,
    "autocrlf": of_a_clone("--config=core.autocrlf=true"),
    "without repository": without_repository,
}


@pytest.mark.parametrize("state", STATES)
def test_commands_merge(
    repository: Path, tmp_path: Path, state: str, request: pytest.FixtureRequest
) -> None:
    """Staged, uncommitted and untracked work stays, and so does what git knows."""
    project = STATES[state](repository, tmp_path)
    has_git = state != "without repository"
    put(project / MAIN, OWN)
    put(project / MODEL, OWN)
    (project / "ideas.md").write_text(OWN)
    if has_git:
        git(project, "add", MAIN)
        put(project / MAIN, "# Not staged.\n")
    before = known_to_git(project) if has_git else {}

    for command in COMMANDS:
        result = fastgen(*command.split(), cwd=project)
        assert result.code == 0, (command, result)
    if EVERYTHING or state in ("monorepo", "without repository"):
        second: Installation = request.getfixturevalue("second")
        result = second.fastgen("update", cwd=project)
        assert result.code == 0, result

    if has_git:
        assert known_to_git(project) == before
        assert git(project, "diff", "--numstat", MODEL) != ""
        assert (project / MAIN).read_text().startswith(f"# Not staged.\n{OWN}")
    for path in (MAIN, MODEL, "ideas.md"):
        content = (project / path).read_bytes().replace(b"\r\n", b"\n")
        assert content.count(OWN.encode()) == 1
    if state == "autocrlf":
        assert all(b"\r\n" in (project / path).read_bytes() for path in (MAIN, MODEL))


def known_to_git(project: Path) -> dict[str, str]:
    """Of a project: commits, branches, the index, and what is under way."""
    folder = Path(git(project, "rev-parse", "--absolute-git-dir").strip())
    names = ("MERGE_HEAD", "REBASE_HEAD", "BISECT_LOG")
    return {
        "refs": git(project, "show-ref", "--head"),
        "index": git(project, "ls-files", "--stage"),
        "under way": str([name for name in names if (folder / name).exists()]),
        "stash": git(project, "stash", "list"),
    }


@pytest.mark.parametrize(("state", "on"), [(merge, "merge"), (rebase, "rebase")])
def test_a_conflict_of_git_is_resolved_first(
    repository: Path, tmp_path: Path, state: Callable[[Path, Path], Path], on: str
) -> None:
    project = state(repository, tmp_path)
    before, index = snapshot(project / "app"), known_to_git(project)

    refused = fastgen(*"add field items note:text:optional".split(), cwd=project)

    assert refused.code == 3
    assert f"`{MODEL}` has an unresolved conflict in line 1." in refused.err
    assert snapshot(project / "app") == before
    # Other files may change meanwhile.
    assert fastgen(*"add extra metrics".split(), cwd=project).code == 0
    assert known_to_git(project) == index

    text = (project / MODEL).read_text()
    lines = [line for line in text.splitlines(keepends=True) if line[:7] not in MARKERS]
    (project / MODEL).write_text("".join(lines))
    assert fastgen(*"add field items note:text:optional".split(), cwd=project).code == 0
    git(project, "add", "--all")
    git(project, "-c", "core.editor=true", on, "--continue")
    text = git(project, "show", f"HEAD:{MODEL}")
    for line in ("# Of the other branch.\n", "# Of this branch.\n", "    note: "):
        assert text.count(line) == 1
    assert git(project, "status", "--porcelain") == ""


def test_a_merged_state_with_conflicts(repository: Path, tmp_path: Path) -> None:
    """Of a merge of branches that both added a pattern."""
    project = clone(repository, tmp_path / "shop")
    for branch, pattern in (("one", "streaming"), ("two", "websockets")):
        git(project, "checkout", "--quiet", "-b", branch, "main")
        assert fastgen("add", "pattern", pattern, cwd=project).code == 0
        commit(project, branch)
    git(project, "merge", "one", fails=True)
    before = snapshot(project / "app")

    refused = fastgen("add", "pattern", "queue", cwd=project)

    assert refused.code == 4
    assert ".fastgen.toml` has unresolved merge conflicts." in refused.err
    assert snapshot(project / "app") == before


@pytest.mark.parametrize(
    ("folder", "left", "command"),
    [
        (".", ".fastgen", "add pattern streaming"),
        (".", ".fastgen", "remove field items name"),
        (".", "app/cache", "remove pattern cache"),
        ("services/shop", "tests", "add pattern streaming"),
    ],
)
def test_files_that_a_sparse_checkout_leaves_out(
    repository: Path, tmp_path: Path, folder: str, left: str, command: str
) -> None:
    root = tmp_path / "root"
    project = root / folder
    shutil.copytree(repository, project, ignore=shutil.ignore_patterns(".git"))
    git(root, "init", "--quiet")
    commit(root, "first")
    git(
        root, "sparse-checkout", "set", "--no-cone", "/*", f"!/{folder}/{left}/".replace("/./", "/")
    )
    assert not (project / left).exists()
    before = contents(root)

    refused = fastgen(*command.split(), cwd=project)

    assert refused.code == 3
    assert f"`{left}/" in refused.err
    assert "sparse checkout" in refused.err
    assert contents(root) == before
    findings = fastgen("doctor", "--json", cwd=project).document["data"]
    names = [each["name"] for each in findings]
    assert names.count("sparse-checkout") == 1
    assert "missing-file" not in names
    (hint,) = (line for line in refused.err.splitlines() if line.startswith("hint: "))
    subprocess.run(hint.split("`")[1], shell=True, cwd=project, check=True)
    assert fastgen(*command.split(), cwd=project).code == 0


def collide(project: Path) -> bytes:
    """Edit lines that `add pattern auth` changes; the edited file."""
    file = project / SERVER
    text = file.read_bytes()
    served = text[text.index(b"    async with connect(") :]
    file.write_bytes(text.replace(served, b"    yield ours\n"))
    return file.read_bytes()


def unmerged(project: Path) -> list[str]:
    return git(project, "diff", "--name-only", "--diff-filter=U").split()


def test_a_conflict_has_its_stages_as_git_would_write_them(
    repository: Path, tmp_path: Path
) -> None:
    project = clone(repository, tmp_path / "shop", "--config=core.autocrlf=true")
    ours = collide(project)
    assert b"\r\n" in ours

    assert fastgen("add", "pattern", "auth", cwd=project).code == 1

    assert unmerged(project) == [SERVER]
    for stage in (1, 2, 3):
        blob = ["cat-file", "blob", f":{stage}:{SERVER}"]
        done = subprocess.run(["git", *blob], cwd=project, check=True, capture_output=True)
        assert b"\r" not in done.stdout


def test_a_repository_with_sha_256(repository: Path, tmp_path: Path) -> None:
    project = without_repository(repository, tmp_path)
    git(project, "init", "--quiet", "--object-format=sha256")
    commit(project, "first")
    collide(project)

    assert fastgen("add", "pattern", "auth", cwd=project).code == 1

    assert unmerged(project) == [SERVER]


@pytest.mark.parametrize("mark", ["--assume-unchanged", "--skip-worktree"])
def test_changes_that_git_has_to_ignore_stay_ignored(
    repository: Path, tmp_path: Path, mark: str
) -> None:
    project = clone(repository, tmp_path / "shop")
    collide(project)
    git(project, "update-index", mark, SERVER)
    before = git(project, "ls-files", "-v", "--stage", SERVER)

    assert fastgen("add", "pattern", "auth", cwd=project).code == 1

    assert git(project, "ls-files", "-v", "--stage", SERVER) == before


def test_staged_changes_stay_in_the_index(repository: Path, tmp_path: Path) -> None:
    project = clone(repository, tmp_path / "shop")
    put(project / SERVER, "# Staged alone.\n")
    git(project, "add", SERVER)
    git(project, "show", f"HEAD:{SERVER}")
    (project / SERVER).write_text(git(project, "show", f"HEAD:{SERVER}"))
    collide(project)

    assert fastgen("add", "pattern", "auth", cwd=project).code == 1

    assert git(project, "show", f":{SERVER}").startswith("# Staged alone.\n")


def test_the_stages_of_another_merge_stay(repository: Path, tmp_path: Path) -> None:
    """The conflict of git is resolved in the file, and not yet added."""
    project = two_branches(repository, tmp_path, SERVER)
    git(project, "merge", "other", fails=True)
    stages = git(project, "ls-files", "--unmerged")
    (project / SERVER).write_text(git(project, "show", f"HEAD:{SERVER}"))
    collide(project)

    assert fastgen("add", "pattern", "auth", cwd=project).code == 1

    assert git(project, "ls-files", "--unmerged") == stages


def test_a_project_that_the_repository_around_it_ignores(repository: Path, tmp_path: Path) -> None:
    project = folder_of_a_monorepo(repository, tmp_path)
    git(tmp_path, "rm", "--quiet", "-r", "--cached", "services")
    (tmp_path / ".gitignore").write_text("/services/\n")
    commit(tmp_path, "ignored")
    collide(project)

    assert fastgen("add", "pattern", "auth", cwd=project).code == 1

    assert git(tmp_path, "status", "--porcelain") == ""


def test_an_index_that_cannot_be_written(project: Path) -> None:
    """Another git has locked it: the files are what counts."""
    collide(project)
    (project / ".git" / "index.lock").write_text("")

    result = fastgen("add", "pattern", "auth", cwd=project)

    assert result.code == 1
    assert b"<<<<<<< yours" in (project / SERVER).read_bytes()
    assert unmerged(project) == []


def test_objects_that_cannot_be_written_leave_the_index(project: Path) -> None:
    collide(project)
    filters = project / ".git" / "info" / "attributes"
    filters.write_text(f"{SERVER} filter=broken\n")
    git(project, "config", "filter.broken.clean", "false")
    git(project, "config", "filter.broken.required", "true")
    before = git(project, "ls-files", "--stage")

    assert fastgen("add", "pattern", "auth", cwd=project).code == 1

    assert git(project, "ls-files", "--stage") == before


def test_without_git_in_the_path(project: Path, tmp_path: Path) -> None:
    collide(project)
    (tmp_path / "empty").mkdir()

    result = fastgen("add", "pattern", "auth", cwd=project, env={"PATH": str(tmp_path / "empty")})

    assert result.code == 1
    text = (project / SERVER).read_text()
    assert text.count("<<<<<<< yours\n    yield ours\n||||||| before\n") == 1
    assert unmerged(project) == []


@pytest.mark.parametrize("fails", [False, True])
def test_hooks(project: Path, tmp_path: Path, *, fails: bool) -> None:
    """A hook runs the command, and git runs a hook for it."""
    hooks = project / ".git" / "hooks"
    hook = hooks / "post-index-change"
    hook.write_text(f"#!/bin/sh\nexit {int(fails)}\n")
    hook.chmod(0o755)
    collide(project)
    variables = {"GIT_DIR": str(project / ".git"), "GIT_INDEX_FILE": str(tmp_path / "index")}

    assert fastgen("add", "pattern", "auth", cwd=project, env=variables).code == 1

    assert unmerged(project) == [SERVER]
    assert not (tmp_path / "index").exists()


def test_a_file_whose_name_differs_by_case_alone(project: Path) -> None:
    """As on a disk that ignores case, where git has renamed nothing."""
    git(project, "config", "core.ignorecase", "true")
    (project / "README.md").rename(project / "Readme.md")
    put(project / "Readme.md", OWN)

    assert fastgen("add", "pattern", "streaming", cwd=project).code == 0

    assert not (project / "README.md").exists()
    text = (project / "Readme.md").read_text()
    assert text.startswith(OWN)
    assert "docs/streaming.md" in text
