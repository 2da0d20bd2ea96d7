"""`fastgen add pattern` and `remove pattern`, as a process, in projects that people have edited."""

import shutil
import subprocess
from pathlib import Path

import pytest

from fastgen.project.patterns import names
from tests.support import Result, contents, fastgen, generate, snapshot

GIT = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
MAIN = Path("app", "main.py")
ROUTERS = Path("app", "api", "router.py")


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(tmp_path_factory.mktemp("fresh"), patterns=("database",))


@pytest.fixture(scope="module")
def fresh_with_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(tmp_path_factory.mktemp("fresh"), patterns=("database", "cache"))


@pytest.fixture
def project(fresh: Path, tmp_path: Path) -> Path:
    shutil.copytree(fresh, tmp_path / "shop")
    return tmp_path / "shop"


@pytest.fixture
def with_cache(fresh_with_cache: Path, tmp_path: Path) -> Path:
    shutil.copytree(fresh_with_cache, tmp_path / "shop")
    return tmp_path / "shop"


def run(project: Path, *arguments: str) -> Result:
    return fastgen(*arguments, cwd=project)


def git(project: Path, *arguments: str) -> str:
    done = subprocess.run(
        [*GIT, *arguments], cwd=project, check=True, capture_output=True, text=True
    )
    return done.stdout


def commit(project: Path) -> None:
    git(project, "init", "--quiet")
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message=first")


def change(path: Path, before: str, after: str) -> None:
    text = path.read_text()
    assert text.count(before) == 1
    path.write_text(text.replace(before, after))


def actions(result: Result) -> dict[str, str]:
    return {file["path"]: file["action"] for file in result.document["files"]}


def without_revisions(tree: dict[str, bytes]) -> dict[str, bytes]:
    return {path: tree[path] for path in tree if "/versions/" not in path}


def test_needed_patterns_are_added(tmp_path: Path) -> None:
    project = generate(tmp_path / "some")

    result = run(project, "add", "pattern", "queue", "--json")

    assert (result.code, result.document["status"]) == (0, "done")
    assert result.document["patterns"] == ["database", "queue"]
    expected = generate(tmp_path / "all", patterns=("queue",))
    assert without_revisions(contents(project)) == without_revisions(contents(expected))


def test_it_says_what_comes_with_a_pattern(project: Path, plain_project: Path) -> None:
    brought = run(plain_project, "add", "pattern", "auth", "--dry-run").out
    present = run(project, "add", "pattern", "auth", "--dry-run").out

    assert "`auth` needs `database`: it is included." in brought
    assert "it is included" not in present


def test_one_that_is_needed_stays(project: Path) -> None:
    run(project, "add", "pattern", "auth")
    before = snapshot(project)

    result = run(project, "remove", "pattern", "database")

    assert result.code == 3
    assert "`database` is needed by `auth`" in result.err
    assert snapshot(project) == before


@pytest.mark.parametrize("command", ["add", "remove"])
def test_a_name_that_is_not_on_offer(project: Path, command: str) -> None:
    result = run(project, command, "pattern", "blockchain")

    assert result.code == 2
    assert "Choose from: database, " in result.err


def test_twice_is_once(project: Path) -> None:
    run(project, "add", "pattern", "cache")
    before = snapshot(project)

    again = run(project, "add", "pattern", "cache", "--json")

    assert (again.code, again.document["status"]) == (0, "unchanged")
    assert snapshot(project) == before
    assert run(project, "remove", "pattern", "auth", "--json").document["status"] == "unchanged"


def test_a_plan_touches_nothing_and_is_what_happens(project: Path) -> None:
    change(project / MAIN, "app = create_app()", "app = create_app()\nMINE = 1")
    before = snapshot(project)

    planned = run(project, "add", "pattern", "auth", "streaming", "--dry-run", "--json").document
    diff = run(project, "add", "pattern", "auth", "--dry-run").out

    assert snapshot(project) == before
    assert "+++ b/app/admin.py" in diff
    done = run(project, "add", "pattern", "auth", "streaming", "--json").document
    assert done["files"] == planned["files"]
    assert done["patterns"] == planned["patterns"]


def test_edits_and_additions_in_the_same_lists_stay(project: Path) -> None:
    own = {
        "pyproject.toml": ('    "anyio>=', '    "aiofiles>=24", # ours\n    "anyio>='),
        ".env.example": ("DATABASE_STATEMENT_TIMEOUT_SECONDS=5\n",) * 2,
        ROUTERS.as_posix(): (
            '    app.include_router(health, tags=["health"])\n',
            '    app.include_router(health, tags=["health"])\n    app.include_router(reports)\n',
        ),
        MAIN.as_posix(): ("    document(app)\n", "    document(app)\n    mine(app)\n"),
        "app/lifespan.py": ("    http: AsyncClient\n", "    http: AsyncClient\n    mine: int\n"),
        "app/services/item.py": ('"""Item business logic."""', '"""Our items."""'),
    }
    for path, (before, after) in own.items():
        change(project / path, before, after)
    with (project / ".env.example").open("a") as file:
        file.write("# Ours.\nMINE=1\n")

    result = run(project, "add", "pattern", *names(), "--json")

    assert (result.code, result.document["status"]) == (0, "done"), result.out
    for path, (_, after) in own.items():
        assert after.strip() in (project / path).read_text()
    assert "# Ours.\nMINE=1\n" in (project / ".env.example").read_text()
    assert "auth" in (project / ROUTERS).read_text()


def test_edits_that_collide_are_left_between_markers(project: Path) -> None:
    change(project / "README.md", "# Shop", "# Our shop")
    line = "async def client(running_app: ASGIApp) -> AsyncGenerator[AsyncClient]:\n"
    path = Path("tests", "conftest.py")
    text = (project / path).read_text()
    served = text[text.index("    async with connect(") :]
    (project / path).write_text(text.replace(served, "    yield ours\n"))
    commit(project)

    result = run(project, "add", "pattern", "auth", "--json")

    document = result.document
    assert (result.code, document["exit_code"], document["status"]) == (1, 1, "conflicts")
    conflicts = [path for path, action in actions(result).items() if action == "conflict"]
    assert conflicts == [path.as_posix()]
    left = (project / path).read_text()
    assert line in left
    assert "<<<<<<< yours\n    yield ours\n||||||| before\n" in left
    assert "# Our shop" in (project / "README.md").read_text()
    assert git(project, "diff", "--name-only", "--diff-filter=U").split() == [path.as_posix()]

    (project / path).write_text("resolved\n")
    before = snapshot(project)
    again = run(project, "add", "pattern", "auth", "--json")

    assert (again.code, again.document["status"]) == (0, "unchanged")
    del before["."]  # its time: the lock of a command
    after = snapshot(project)
    assert {path: after[path] for path in before} == before


def test_a_deleted_file_stays_deleted(with_cache: Path) -> None:
    shutil.rmtree(with_cache / "docs")

    result = run(with_cache, "add", "pattern", "auth", "--json")

    assert result.code == 0
    assert not (with_cache / "docs" / "cache.md").exists()
    assert (with_cache / "docs" / "auth.md").exists()


def test_a_renamed_file_is_followed(project: Path) -> None:
    (project / "app" / "api" / "deps.py").rename(project / "app" / "api" / "injected.py")

    result = run(project, "add", "pattern", "auth", "--json")

    assert actions(result)["app/api/injected.py"] == "update"
    assert "EVERY_RESOURCE" in (project / "app" / "api" / "injected.py").read_text()
    assert not (project / "app" / "api" / "deps.py").exists()


def test_line_ends_stay(project: Path) -> None:
    for path in (MAIN, ROUTERS):
        (project / path).write_bytes((project / path).read_bytes().replace(b"\n", b"\r\n"))

    assert run(project, "add", "pattern", "auth").code == 0

    for path in (MAIN, ROUTERS):
        content = (project / path).read_bytes()
        assert content.count(b"\n") == content.count(b"\r\n") > 10


def test_an_edited_file_of_a_removed_pattern_stays(with_cache: Path) -> None:
    edited = with_cache / "app" / "cache" / "store.py"
    edited.write_text(f"{edited.read_text()}\n# Ours.\n")
    (with_cache / "app" / "report.py").write_text("from app.cache.cache import Cache\n")

    result = run(with_cache, "remove", "pattern", "cache", "--json")

    assert (result.code, result.document["status"]) == (1, "conflicts")
    found = actions(result)
    assert (found["app/cache/store.py"], found["app/report.py"]) == ("keep", "conflict")
    assert found["app/cache/cache.py"] == "delete"
    assert edited.read_text().endswith("# Ours.\n")


def test_force_removes_it(with_cache: Path) -> None:
    edited = with_cache / "app" / "cache" / "store.py"
    edited.write_text(f"{edited.read_text()}\n# Ours.\n")

    assert run(with_cache, "remove", "pattern", "cache", "--force").code == 0
    assert not edited.parent.exists()


def test_add_then_remove_is_the_same_tree(project: Path) -> None:
    run(project, "add", "router", "orders", "--field=item:ref(items)")
    before = contents(project)

    assert run(project, "add", "pattern", "auth", "queue", "streaming").code == 0
    assert run(project, "remove", "pattern", "auth", "queue", "streaming").code == 0

    assert contents(project) == before


def test_committed_revisions_are_undone_by_new_ones(project: Path) -> None:
    run(project, "add", "pattern", "auth")
    commit(project)

    result = run(project, "remove", "pattern", "auth", "--json")

    assert result.code == 0
    created = [path for path, action in actions(result).items() if action == "create"]
    assert len(created) == 2
    assert all(path.startswith("migrations/versions/") for path in created)


def test_migrations_that_are_committed_stay_without_a_database(project: Path) -> None:
    commit(project)

    result = run(project, "remove", "pattern", "database", "--json")

    assert result.code == 1
    assert [path for path, action in actions(result).items() if action == "keep"] == [
        path.relative_to(project).as_posix()
        for path in (project / "migrations" / "versions").glob("*.py")
    ]
    assert (project / "migrations" / "env.py").exists()


def test_without_a_database_nothing_is_left(project: Path, tmp_path: Path) -> None:
    assert run(project, "remove", "pattern", "database").code == 0

    assert contents(project) == contents(generate(tmp_path / "none"))


def test_a_folder_that_leads_outside_is_refused(project: Path, tmp_path: Path) -> None:
    (project / "docs").rename(tmp_path / "docs")
    (project / "docs").symlink_to(tmp_path / "docs")
    before = snapshot(tmp_path)

    result = run(project, "add", "pattern", "auth")

    assert result.code == 3
    assert "leads out of the project" in result.err
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize(
    ("resource", "pattern", "reason"),
    [
        ("users", "auth", "`app/auth/models.py` has a model `User` already"),
        ("tasks", "queue", "`app/queue/models.py` has a table `tasks` already"),
        ("events", "streaming", "`app/api/v1/events.py` exists already"),
    ],
)
def test_a_pattern_is_refused_whose_names_a_resource_has(
    project: Path, resource: str, pattern: str, reason: str
) -> None:
    assert run(project, "add", "router", resource).code == 0
    before = snapshot(project)

    refused = run(project, "add", "pattern", pattern)

    assert refused.code == 3
    assert f"The router `{resource}` conflicts with what would be added: {reason}." in refused.err
    assert f"fastgen remove router {resource}" in refused.err
    assert snapshot(project) == before
    assert run(project, "remove", "router", resource).code == 0
    assert run(project, "add", "pattern", pattern).code == 0


def test_a_pattern_is_refused_whose_model_a_file_of_people_has(project: Path) -> None:
    own = project / "app" / "models" / "customer.py"
    own.write_text('class Customer(Base):\n    __tablename__ = "users"\n', "utf-8")
    before = snapshot(project)

    refused = run(project, "add", "pattern", "auth")

    assert refused.code == 3
    assert "`app/models/customer.py` has a table `users`, which `app/auth/models.py`" in refused.err
    assert snapshot(project) == before
