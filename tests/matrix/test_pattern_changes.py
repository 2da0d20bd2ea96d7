"""Patterns that are added later give the project that `new` gives, from every combination."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from fastgen.changes import Plan
from fastgen.migrations.parts import part_names
from fastgen.migrations.revisions import head, read_revisions
from fastgen.migrations.tables import Schema
from fastgen.planning.plan_patterns import plan_add_patterns, plan_remove_patterns
from fastgen.project.choices import choices_of
from fastgen.project.operations import EXAMPLES, Operation
from fastgen.project.patterns import all_patterns, names, with_needs
from fastgen.project.state import read_state
from fastgen.transaction import apply
from tests.environment import Environment
from tests.matrix.combinations import ALL, COMPLETE, COVERING, EVERYTHING, Combination, label
from tests.matrix.test_static import complaints
from tests.matrix.test_update_migrations import ITEM, USER
from tests.services import new_database, run_sql
from tests.support import contents, generate

Made = tuple[dict[str, bytes], set[tuple[str, str]]]

FULL = tuple(names())
ENGINES = [engine.name for engine in choices_of("queue")]
SERVERS = ["sqlite", "postgresql"] if EVERYTHING else ["sqlite"]
WITH_ROWS = [each for each in COVERING if "database" in each and each != FULL]
WITH_ROWS = WITH_ROWS if EVERYTHING else WITH_ROWS[:1]
"""Projects whose database gets rows."""
LIBRARY_TABLES = "migrations/library_tables.py"
ROW = (
    "INSERT INTO items (created_at, updated_at, version, name, price, status)"
    " VALUES (CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, 1, 'x', 1, 'draft')"
)

ORDER = (
    "INSERT INTO orders (created_at, updated_at, version, label)"
    " VALUES (CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, 1, 'y')"
)


def do(project: Path, plan: Plan) -> None:
    assert [*plan.kept, *plan.broken, *plan.by_hand, *plan.conflicts] == []
    apply(project, plan.changes)


def tree(project: Path) -> dict[str, bytes]:
    return {path: each for path, each in contents(project).items() if "/versions/" not in path}


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return tree(generate(tmp_path_factory.mktemp("full"), patterns=FULL))


def made(project: Path) -> Made:
    """The files but for revisions, and what the revisions make: tables and their parts."""
    tables = Schema(read_revisions(project)).tables()
    return tree(project), {
        (table.name, name)
        for table in tables
        for name in ("", *table.columns(), *part_names(table))
    }


@pytest.fixture(scope="module")
def new_projects(tmp_path_factory: pytest.TempPathFactory) -> Mapping[Combination, Made]:
    """A new project of each combination, made when it is asked for first."""
    folder = tmp_path_factory.mktemp("new")

    class Projects(dict[Combination, Made]):
        def __missing__(self, patterns: Combination) -> Made:
            self[patterns] = made(generate(folder / label(patterns), patterns=patterns))
            return self[patterns]

    return Projects()


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, bytes]]:
    """A new project with each engine of the queue."""
    folder = tmp_path_factory.mktemp("engines")
    return {
        engine: tree(generate(folder / engine, patterns=("queue",), queue=engine))
        for engine in ENGINES
    }


@pytest.mark.parametrize("patterns", ALL, ids=label)
def test_the_others_can_be_added_and_removed(
    tmp_path: Path, patterns: Combination, full: dict[str, bytes]
) -> None:
    project = generate(tmp_path, patterns=patterns)
    before = contents(project)

    do(project, plan_add_patterns(project, read_state(project), FULL))

    assert tree(project) == full
    # The tables of the queue's engine come with those of the tasks.
    assert any(path.endswith("_add_procrastinate.py") for path in contents(project))
    others = [name for name in FULL if name not in patterns]
    do(project, plan_remove_patterns(project, read_state(project), others))
    assert contents(project) == before


@pytest.mark.parametrize("pattern", FULL)
@pytest.mark.parametrize("patterns", COMPLETE, ids=label)
def test_each_can_be_added_or_removed_and_back(
    tmp_path: Path, patterns: Combination, pattern: str, new_projects: Mapping[Combination, Made]
) -> None:
    """The project equals a new one, so that `test_static.py` checks its files too."""
    project = generate(tmp_path, patterns=patterns)
    before = contents(project)
    chosen = _toggled(patterns, pattern)

    kept = _toggle(project, chosen)
    files, tables = made(project)
    if kept:
        files[LIBRARY_TABLES] = new_projects[chosen][0][LIBRARY_TABLES]
    assert (files, tables) == new_projects[chosen]
    # The tables of a library may be in a database.
    assert bool(kept) is ("queue" == pattern in patterns)
    if pattern not in patterns:
        assert _complaints(project) == ""

    assert not _toggle(project, patterns)
    assert made(project) == new_projects[patterns]
    if pattern not in patterns:
        assert contents(project) == before
    else:
        assert _complaints(project) == ""


def _toggled(patterns: Combination, pattern: str) -> Combination:
    """With a pattern and what it needs; or without it and those that need it."""
    if pattern not in patterns:
        return with_needs({*patterns, pattern})
    needing = {each.name for each in all_patterns() if pattern in each.needs}
    return tuple(name for name in patterns if name not in {pattern, *needing})


def _toggle(project: Path, wanted: Combination) -> Sequence[str]:
    """Bring a project to other patterns; the revisions that are kept."""
    state = read_state(project)
    removed = [name for name in state.answers.patterns if name not in wanted]
    plan = (
        plan_remove_patterns(project, state, removed)
        if removed
        else plan_add_patterns(project, state, wanted)
    )
    do(project, replace(plan, kept=()))
    return plan.kept


def _complaints(project: Path) -> str:
    """Of the revisions, which no new project has."""
    if not (project / "migrations").exists():
        return ""
    head(read_revisions(project))
    commands = (["format", "--diff"], ["check"])
    return "".join(
        complaints("ruff", *command, "--no-cache", "migrations", cwd=project)
        for command in commands
    )


@pytest.mark.parametrize(("old", "new"), list(permutations(ENGINES, 2)), ids="-".join)
def test_the_engine_of_the_queue_can_be_changed(
    tmp_path: Path, old: str, new: str, engines: dict[str, dict[str, bytes]]
) -> None:
    """What makes the tables of a library stays, since a database may have them."""
    project = generate(tmp_path, patterns=("queue",), queue=old)
    before = contents(project)

    plan = plan_add_patterns(project, read_state(project), ("queue",), new)
    apply(project, plan.changes)

    changed, kept = tree(project), engines[old] if plan.kept else engines[new]
    assert changed == {**engines[new], LIBRARY_TABLES: kept[LIBRARY_TABLES]}
    assert [path.rpartition("_")[2] for path in plan.kept] == (
        ["procrastinate.py"] if old == "procrastinate" else []
    )
    revisions = {path for path in contents(project) if path.endswith("_procrastinate.py")}
    assert bool(revisions) is ("procrastinate" in (old, new))

    do(project, plan_add_patterns(project, read_state(project), ("queue",), old))
    assert contents(project) == before


@pytest.mark.parametrize("command", ["engine", "remove"])
def test_an_edited_revision_of_a_library_keeps_what_it_needs(tmp_path: Path, command: str) -> None:
    project = generate(tmp_path, patterns=("queue",))
    (revision,) = project.glob("migrations/versions/*_procrastinate.py")
    text = revision.read_text()
    revision.write_text(text.replace("\n\n", "\n\n\n", 1).replace("install()", "install()  # Own."))
    path = revision.relative_to(project).as_posix()
    module = (project / LIBRARY_TABLES).read_bytes()

    state = read_state(project)
    plan = (
        plan_add_patterns(project, state, ("queue",), "celery")
        if command == "engine"
        else plan_remove_patterns(project, state, ("queue",))
    )
    apply(project, plan.changes)

    assert path in plan.kept
    assert (project / LIBRARY_TABLES).read_bytes() == module
    plan = plan_add_patterns(project, read_state(project), ("queue",), "procrastinate")
    apply(project, plan.changes)
    assert [*project.glob("migrations/versions/*_procrastinate.py")] == [revision]


def test_rows_get_owners(tmp_path: Path, environment: Environment, database_url: str) -> None:
    # The second name is one that every server reserves.
    routers = [
        Operation("router", name, {"fields": ("label:str",)}) for name in ("orders", "references")
    ]
    project = generate(tmp_path, patterns=("database",), operations=(*EXAMPLES, *routers))
    variables = {"DATABASE_URL": database_url}

    def alembic(*commands: str) -> None:
        environment.alembic(project, *commands, env=variables)

    def query(statement: str) -> Any:
        return run_sql(environment, database_url, statement)

    alembic("upgrade head")
    query(ROW)
    query(ORDER)
    do(project, plan_add_patterns(project, read_state(project), FULL))

    alembic("upgrade head", "check")
    owner = "SELECT email, password_hash FROM users JOIN items ON owner_id = users.id"
    owner += " WHERE NOT is_active"
    assert query(owner) == [["nobody@example.invalid", ""]]
    # The first admin gets the rows; there is no account without an owner any more.
    admin = {
        "FIRST_ADMIN_EMAIL": "ann@example.com",
        "FIRST_ADMIN_PASSWORD": "correct horse battery",
    }
    environment.make_admin(project, {**variables, **admin})
    for table in ("items", "orders"):
        owners = f"SELECT email FROM users LEFT JOIN {table} ON owner_id = users.id"
        owners += f" WHERE {table}.id IS NOT NULL OR NOT is_active"
        assert query(owners) == [["ann@example.com"]]

    # The revisions are applied on the server, so that new ones undo them.
    (project / ".env").write_text(f"DATABASE_URL={database_url}\n")
    # The revision of the queue's engine stays: its tables belong to a library.
    others = [name for name in FULL if name not in ("database", "queue")]
    do(project, plan_remove_patterns(project, read_state(project), others))
    alembic("upgrade head", "check")
    assert query("SELECT name FROM items") == [["x"]]
    alembic("downgrade base", "upgrade head")


@pytest.mark.parametrize("patterns", WITH_ROWS, ids=label)
@pytest.mark.parametrize("database_url", SERVERS, indirect=True)
def test_rows_stay(
    tmp_path: Path, environment: Environment, database_url: str, patterns: Combination
) -> None:
    """All other patterns are added to a project with rows, and removed again."""
    project = generate(tmp_path, patterns=patterns)
    variables = {"DATABASE_URL": database_url}

    def alembic(*commands: str) -> None:
        environment.alembic(project, *commands, env=variables)

    def query(statement: str) -> Any:
        return run_sql(environment, database_url, statement)

    def check_tests(*paths: str) -> None:
        with new_database(database_url.partition(":")[0], environment, tmp_path / "other") as url:
            server = {"TEST_DATABASE_URL": url}
            result = environment.run("pytest", "-q", "-x", *paths, cwd=project, env=server)
        assert result.code == 0, result.out

    (tmp_path / "other").mkdir()
    alembic("upgrade head")
    has_owners = "auth" in patterns
    for row in [USER, ITEM] if has_owners else [ROW]:
        query(row)
    do(project, plan_add_patterns(project, read_state(project), FULL))

    alembic("upgrade head", "check")
    owner = "SELECT email, password_hash FROM users JOIN items ON owner_id = users.id"
    owner += " WHERE NOT is_active"
    assert query(owner) == ([] if has_owners else [["nobody@example.invalid", ""]])
    # The first admin gets the rows; there is no account without an owner any more.
    admin = {
        "FIRST_ADMIN_EMAIL": "ann@example.com",
        "FIRST_ADMIN_PASSWORD": "correct horse battery",
    }
    environment.make_admin(project, {**variables, **admin})
    owners = "SELECT email FROM users LEFT JOIN items ON owner_id = users.id ORDER BY email"
    assert query(owners) == [["a@example.com"]] * has_owners + [["ann@example.com"]]
    if EVERYTHING:
        check_tests("tests")

    # The revisions are applied on the server, so that new ones undo them.
    (project / ".env").write_text(f"DATABASE_URL={database_url}\n")
    others = [name for name in FULL if name not in patterns]
    plan = plan_remove_patterns(project, read_state(project), others)
    # The revision of the queue's engine stays: its tables belong to a library.
    kept = [] if "queue" in patterns else ["procrastinate.py"]
    assert [path.rpartition("_")[2] for path in plan.kept] == kept
    apply(project, plan.changes)
    alembic("upgrade head", "check")
    assert query("SELECT name FROM items") == [["x"]]
    check_tests(*(["tests"] if EVERYTHING else ["tests/api/test_items.py", "tests/db"]))
    alembic("downgrade base", "upgrade head")
