"""`fastgen add pattern` and `remove pattern`, as a process, in projects that people have edited."""

import shutil
import subprocess
from pathlib import Path

import pytest

from fastgen.diagnosis import diagnose
from fastgen.migrations.revisions import read_revisions
from fastgen.migrations.tables import Schema
from fastgen.project.operations import EXAMPLES, Operation
from fastgen.project.patterns import names
from tests.support import Result, contents, fastgen, generate, snapshot

GIT = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
MAIN = Path("app", "main.py")
ROUTERS = Path("app", "api", "router.py")
ITEMS = Path("app", "api", "v1", "items.py")


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


def test_all_that_need_one_are_named_at_once(tmp_path: Path) -> None:
    operations = [*EXAMPLES, Operation("extra", "pages-admin")]
    project = generate(tmp_path, patterns=names(), operations=operations)

    result = run(project, "remove", "pattern", "database")

    assert "The pattern `database` is needed by `auth` and `queue`." in result.err
    commands = result.err.partition("together: ")[2].split("`")[1::2]
    assert commands == [
        "fastgen remove extra pages-admin",
        "fastgen remove pattern database auth queue",
    ]
    for command in commands:
        run(project, *command.split()[1:])
    assert not (project / "app" / "db").exists()


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
        MAIN.as_posix(): ("    extend_openapi(app)\n", "    extend_openapi(app)\n    mine(app)\n"),
        "app/lifespan.py": ("    http: AsyncClient\n", "    http: AsyncClient\n    mine: int\n"),
        "app/services/item.py": ('"""Item business logic."""', '"""Our items."""'),
    }
    for path, (before, after) in own.items():
        change(project / path, before, after)
    change(project / "app/settings.py", "Settings(CoreSettings, ", "Settings(Mine, CoreSettings, ")
    with (project / ".env.example").open("a") as file:
        file.write("# Ours.\nMINE=1\n")

    result = run(project, "add", "pattern", *names(), "--json")

    assert (result.code, result.document["status"]) == (0, "done"), result.out
    for path, (_, after) in own.items():
        assert after.strip() in (project / path).read_text()
    assert "# Ours.\nMINE=1\n" in (project / ".env.example").read_text()
    bases = (project / "app/settings.py").read_text().partition("class Settings(\n")[2]
    assert bases.startswith("    Mine,\n    CoreSettings,\n    DatabaseSettings,\n")
    assert "auth" in (project / ROUTERS).read_text()


def test_edits_that_collide_are_left_between_markers(project: Path) -> None:
    change(project / "README.md", "# Shop", "# Our shop")
    line = "async def client(running_app: ASGIApp) -> AsyncGenerator[AsyncClient]:\n"
    path = Path("tests", "conftest.py")
    text = (project / path).read_text()
    served = text[text.index("    async with connect(") :]
    (project / path).write_text(text.replace(served, "    yield ours\n"))
    commit(project)

    planned = run(project, "add", "pattern", "auth", "--dry-run")
    result = run(project, "add", "pattern", "auth", "--json")

    assert f"Resolve them, then run your tests:\n  {path.as_posix()}\n" in planned.out
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


def test_a_file_that_a_pattern_and_a_middleware_need(project: Path) -> None:
    steps = {
        "add middleware csrf": True,
        "add pattern websockets": True,
        "remove middleware csrf": True,
        "remove pattern websockets": False,
    }

    for command, is_there in steps.items():
        result = run(project, *command.split())
        assert result.code == 0, result.err
        assert (project / "app" / "core" / "origins.py").exists() is is_there, command

    assert run(project, "add", "pattern", "websockets").code == 0
    assert run(project, "add", "middleware", "csrf").code == 0
    assert run(project, "remove", "pattern", "websockets").code == 0
    assert (project / "app" / "core" / "origins.py").exists()


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


def test_a_moved_folder_is_followed(project: Path) -> None:
    """New files go there; the folders of caches that are left behind do not count."""
    for folder, new in (("app", "src/app"), ("tests/api", "tests/integration")):
        (project / new).parent.mkdir(exist_ok=True)
        (project / folder).rename(project / new)
        (project / folder / "__pycache__").mkdir(parents=True)

    result = run(project, "add", "pattern", "cache", "streaming", "--json")

    done = actions(result)
    assert (result.code, done["src/app/cache/cache.py"]) == (0, "create")
    assert done["tests/integration/test_items_export.py"] == "create"
    assert not [path for path in done if path.startswith(("app/", "tests/api/"))]
    assert {each.name for each in diagnose(project)} <= {"missing-file"}


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


def test_what_people_use_stays_imported(project: Path) -> None:
    with (project / ITEMS).open("a") as file:
        file.write('\n\n@router.get("/mine", dependencies=[Depends(get_item_reads)])\n')
        file.write("async def mine() -> str:\n    return status.__name__\n")
    before = (project / ITEMS).read_bytes()

    assert run(project, "add", "pattern", "auth").code == 0

    assert "from fastapi import APIRouter, Depends, Path, " in (project / ITEMS).read_text()
    assert run(project, "remove", "pattern", "auth").code == 0
    assert (project / ITEMS).read_bytes() == before


def test_imports_of_people_beside_new_ones(project: Path) -> None:
    change(
        project / ITEMS,
        "from app.core.etag import set_etag, set_location\n",
        "from app.core.clock import now\nfrom app.core.etag import set_etag, set_location\n",
    )
    before = (project / ITEMS).read_bytes()

    added = run(project, "add", "pattern", "auth", "cache")
    assert (added.code, "from app.core.clock import now" in (project / ITEMS).read_text()) == (
        0,
        True,
    )
    assert run(project, "remove", "pattern", "cache").code == 0
    assert run(project, "remove", "pattern", "auth").code == 0
    assert (project / ITEMS).read_bytes() == before


def test_code_that_needs_what_was_removed_is_named(tmp_path: Path) -> None:
    project = generate(tmp_path, patterns=["streaming"])
    (project / "app" / "report.py").write_text(
        '"""Reports."""\n\nfrom app.realtime import topics\nfrom app.lifespan import Connection\n'
    )
    (project / "app" / "topics.py").write_text("import app.realtime.topics as first, json\n")
    with (project / "app" / "lifespan.py").open("a") as file:
        file.write("\nfrom app.realtime.topics import Topics as Own\n")

    result = run(project, "remove", "pattern", "streaming")

    line = len((project / "app" / "lifespan.py").read_text().splitlines())
    assert result.code == 1
    assert (
        "Code of yours needs what this removes:\n"
        f"  app/lifespan.py:{line} needs `app.realtime.topics`\n"
        "  app/report.py:3 needs `app.realtime`\n"
        "  app/topics.py:1 needs `app.realtime.topics`\n"
        "\n"
    ) in result.out


def test_code_that_reads_the_rows_of_all_users_is_named(tmp_path: Path) -> None:
    operations = (*EXAMPLES, Operation("router", "tags", {"fields": ("name:str",), "owned": "no"}))
    project = generate(tmp_path, patterns=["database"], operations=operations)
    (project / "app" / "report.py").write_text(
        '"""Reports."""\n\n'
        "from app.repositories import item\n"
        "from app.repositories.tag import TagRepository\n\n\n"
        "async def report(session, scope):\n"
        "    await TagRepository(session).page()\n"
        "    await item.ItemRepository(session, scope).page()\n"
        "    await item.ItemRepository(session).page()\n"
    )

    planned = run(project, "add", "pattern", "auth", "--dry-run")
    result = run(project, "add", "pattern", "auth")

    assert (planned.code, result.code) == (0, 1)
    for each in (planned, result):
        assert (
            "Code of yours reads the rows of all users. If it should not, pass it a scope:\n"
            "  app/report.py:10 calls `ItemRepository`\n"
        ) in each.out
        assert each.out.count(" calls `") == 1
    assert run(project, "add", "pattern", "cache").code == 0


def test_new_code_that_imports_a_moved_module_is_named(project: Path) -> None:
    (project / "app" / "conf").mkdir()
    (project / "app" / "settings.py").rename(project / "app" / "conf" / "settings.py")
    for path in project.rglob("*.py"):
        path.write_text(path.read_text().replace("app.settings", "app.conf.settings"))

    result = run(project, "add", "pattern", "streaming", "--json")

    named = {path for path, action in actions(result).items() if action == "conflict"}
    broken = {each.summary.split("`")[1] for each in diagnose(project) if each.name == "import"}
    assert (result.code, named) == (1, broken)
    assert "app/files/store.py" in broken


def test_new_code_that_uses_a_renamed_name_is_named(project: Path) -> None:
    path = project / "app/api/v1/router.py"
    text = path.read_text().replace("router.include", "v1.include")
    path.write_text(text.replace("router = APIRouter", "v1 = APIRouter"))

    result = run(project, "add", "pattern", "streaming")

    lines = path.read_text().splitlines()
    line = next(number for number, text in enumerate(lines, 1) if text.startswith("router."))
    assert result.code == 1
    assert f"  app/api/v1/router.py:{line} needs `router`\n" in result.out


def test_code_that_uses_a_removed_import_is_named(tmp_path: Path) -> None:
    project = generate(tmp_path, patterns=["auth"])
    with (project / ITEMS).open("a") as file:
        file.write("\n\nOwnRows = OwnedRowsDep\n")

    result = run(project, "remove", "pattern", "auth")

    line = len((project / ITEMS).read_text().splitlines())
    assert result.code == 1
    assert f"  {ITEMS.as_posix()}:{line} needs `app.auth.deps`\n" in result.out


def test_tasks_for_another_engine_are_named(tmp_path: Path) -> None:
    project = generate(tmp_path, patterns=["queue"], queue="dramatiq")
    (project / "app" / "tasks" / "print_book.py").write_text("import dramatiq\n")

    result = run(project, "add", "pattern", "queue", "--queue", "celery")

    assert (result.code, "  conflict app/tasks/print_book.py" in result.out) == (1, True)
    assert "  app/tasks/print_book.py:1 needs `dramatiq`\n" in result.out


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


def test_committed_revisions_are_undone_where_there_are_no_other_tables(tmp_path: Path) -> None:
    project = generate(tmp_path, patterns=["auth"], operations=())
    commit(project)

    result = run(project, "remove", "pattern", "auth", "--json")

    assert (result.code, result.document["status"]) == (0, "done")
    created = [path for path, action in actions(result).items() if action == "create"]
    assert len(created) == 1
    assert not [*Schema(read_revisions(project)).tables()]


def test_the_history_of_removed_resources_stays_without_a_database(project: Path) -> None:
    commit(project)
    assert run(project, "remove", "router", "items").code == 0

    result = run(project, "remove", "pattern", "database", "--json")

    kept = {path for path, action in actions(result).items() if action == "keep"}
    assert (result.code, len(read_revisions(project))) == (1, 2)
    assert {"migrations/env.py", "migrations/versions/d557bdad0021_add_items.py"} <= kept
    assert run(project, "doctor").code == 0


def test_migrations_that_are_committed_stay_without_a_database(project: Path) -> None:
    commit(project)

    result = run(project, "remove", "pattern", "database", "--json")

    assert result.code == 1
    assert {path for path, action in actions(result).items() if action == "keep"} == {
        path.relative_to(project).as_posix()
        for path in (project / "migrations").rglob("*")
        if path.is_file()
    }
    assert (project / "migrations" / "env.py").exists()
    assert run(project, "doctor").code == 0


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
