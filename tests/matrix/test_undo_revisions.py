"""Tables that were changed by many revisions are the same after their removal is undone."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from fastgen.migrations.revisions import FOLDER, Revision, read_revisions
from fastgen.migrations.tables import Schema
from fastgen.migrations.undo import check_understood, undo_revision
from tests.environment import Environment
from tests.services import POSTGRESQL
from tests.support import fastgen, generate

HISTORIES = 80
UNDO = "undo.py"

RUN = """
import asyncio, runpy, sys
from pathlib import Path

from alembic.migration import MigrationContext
from alembic.operations import Operations
from app.db.base import NAMING_CONVENTION
from sqlalchemy import MetaData, inspect
from sqlalchemy.ext.asyncio import create_async_engine

def seen(connection, table):
    look = inspect(connection)
    rows = lambda found: sorted(str(sorted(row.items(), key=str)) for row in found)
    columns = [{**column, "type": str(column["type"])} for column in look.get_columns(table)]
    return [
        [str(sorted(column.items())) for column in columns],
        str(sorted(look.get_pk_constraint(table).items(), key=str)),
        rows(look.get_foreign_keys(table)),
        rows(look.get_unique_constraints(table)),
        rows(look.get_check_constraints(table)),
        rows(look.get_indexes(table)),
        str(look.get_table_options(table)),
    ]

def check(connection, folder):
    options = {"target_metadata": MetaData(naming_convention=NAMING_CONVENTION)}
    context = MigrationContext.configure(connection, opts=options)
    with Operations.context(context):
        for path in sorted(folder.glob("[0-9]*.py")):
            runpy.run_path(str(path))["upgrade"]()
        (table,) = [name for name in inspect(connection).get_table_names() if name != "items"]
        before = seen(connection, table)
        undo = runpy.run_path(str(folder / "undo.py"))
        undo["upgrade"]()
        assert inspect(connection).get_table_names() == ["items"], folder
        undo["downgrade"]()
        assert seen(connection, table) == before, (folder, before, seen(connection, table))
        undo["upgrade"]()

async def main(url, folders):
    for folder in map(Path, folders):
        engine = create_async_engine(url)
        async with engine.connect() as connection:
            await connection.run_sync(check, folder)
            await connection.rollback()
        await engine.dispose()

asyncio.run(main(sys.argv[1], sys.argv[2:]))
"""

TABLE = """op.create_table(
    "orders",
    sa.Column("id", Id, primary_key=True),
    sa.Column("total", sa.BigInteger(), nullable=False),
    sa.Column("price", Exact(12, 2), nullable=False),
    sa.Column("state", Choice("new", "paid", name="state"), nullable=False),
    sa.Column("item_id", Id, sa.ForeignKey("items.id", ondelete="CASCADE"), index=True),
    at_least("total", sa.BigInteger(), 0),
    at_most("price", Exact(12, 2), "9.5"),
    sqlite_autoincrement=True,
)"""
START = [
    'op.create_table("items", sa.Column("id", Id, primary_key=True))',
    TABLE,
    'op.create_index("ix_orders_total", "orders", ["total", "id"])',
]
TYPES = [
    "sa.String(length=80)",
    "sa.Text()",
    "short_text(500)",
    "columns.long_text()",
    "sa.Numeric(precision=12, scale=2)",
    "Timestamp",
    "sa.JSON()",
    "sa.Boolean()",
    'Choice("one", "two", "three of a kind", "and another one that makes it long", name="{name}")',
]


class History:
    """Statements that change a table, each of which is possible after those before it."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.table = "orders"
        self.columns: dict[str, str] = {}
        self.used: set[str] = set()
        self.indexes: dict[str, str] = {}
        self.uniques: dict[str, str] = {}
        self.count = 0

    def statements(self) -> Iterator[str]:
        yield from START
        changes = [
            self.add,
            self.add,
            self.drop,
            self.alter,
            self.rename_column,
            self.index,
            self.drop_index,
            self.unique,
            self.drop_unique,
            self.check,
            self.refer,
            self.rename,
        ]
        for _ in range(self.random.randint(1, 7)):
            yield from self.random.choice(changes)()

    def add(self) -> Iterator[str]:
        name = self.new("column")
        kind = self.random.choice(TYPES)
        self.columns[name] = kind
        options = self.random.choice(["", ", nullable=True", ", comment='a \"b\"'"])
        if "Text" in kind or "text" in kind or "String" in kind:
            options += self.random.choice(["", ", server_default='x'", ', server_default="it\'s"'])
        yield self.call("add_column", f'sa.Column("{name}", {kind.format(name=name)}{options})')

    def drop(self) -> Iterator[str]:
        for name in self.free():
            del self.columns[name]
            yield self.block("drop_column", f'"{name}"')

    def alter(self) -> Iterator[str]:
        for name in self.free("sa.String(length=80)"):
            new = self.random.choice(["sa.String(length=200)", "sa.Text()"])
            null = self.random.choice(["", ", nullable=False", ", existing_nullable=True"])
            self.columns[name] = new
            old = "existing_type=sa.String(length=80)"
            yield self.block("alter_column", f"'{name}', {old}, type_={new}{null}")

    def rename_column(self) -> Iterator[str]:
        for name in self.free("sa.Text()", "sa.JSON()"):
            new = self.new("column")
            kind = self.columns[new] = self.columns.pop(name)
            details = f"existing_type={kind}"
            yield self.block("alter_column", f'"{name}", new_column_name="{new}", {details}')

    def index(self) -> Iterator[str]:
        name = self.new("ix")
        column = self.random.choice(["total", "price", "state"])
        self.indexes[name] = self.table
        yield self.call("create_index", f'"{column}", "id"', f'op.f("{name}")')

    def drop_index(self) -> Iterator[str]:
        if self.indexes:
            name = self.random.choice(sorted(self.indexes))
            del self.indexes[name]
            yield self.random.choice(
                [
                    f'op.drop_index("{name}", table_name="{self.table}")',
                    self.block("drop_index", f'"{name}"'),
                ]
            )

    def unique(self) -> Iterator[str]:
        name = self.new("uq")
        self.uniques[name] = self.table
        column = self.random.choice(["total", "price"])
        yield self.block("create_unique_constraint", f'"{name}", ["{column}", "item_id"]')

    def drop_unique(self) -> Iterator[str]:
        if self.uniques:
            name = self.random.choice(sorted(self.uniques))
            del self.uniques[name]
            yield self.block("drop_constraint", f'"{name}", type_="unique"')

    def check(self) -> Iterator[str]:
        yield self.block("create_check_constraint", f'"{self.new("ck")}", "total < 1000"')

    def refer(self) -> Iterator[str]:
        name = self.new("column")
        self.used.add(name)
        block = (
            f'with op.batch_alter_table("{self.table}") as batch_op:\n'
            f'    batch_op.add_column(sa.Column("{name}", Id))\n'
            f'    batch_op.create_foreign_key("{self.new("fk")}", "items", ["{name}"], ["id"])'
        )
        yield block

    def rename(self) -> Iterator[str]:
        new = self.new("orders")
        yield f'op.rename_table("{self.table}", "{new}")'
        self.table = new

    def new(self, kind: str) -> str:
        self.count += 1
        return f"{kind}_{self.count}"

    def free(self, *kinds: str) -> list[str]:
        """A column of one of these types that nothing else uses, if there is one."""
        names = [
            name
            for name, kind in self.columns.items()
            if name not in self.used and (kind in kinds or not kinds) and "Choice" not in kind
        ]
        return [self.random.choice(names)] if names else []

    def call(self, function: str, arguments: str, name: str = "") -> str:
        if name:
            return f'op.{function}({name}, "{self.table}", [{arguments}], unique=False)'
        if self.random.random() < 0.5:
            return self.block(function, arguments)
        return f"op.{function}('{self.table}', {arguments})"

    def block(self, function: str, arguments: str) -> str:
        return (
            f"with op.batch_alter_table('{self.table}', schema=None) as batch_op:\n"
            f"    batch_op.{function}({arguments})"
        )


IMPORTS = """from alembic import op
import sqlalchemy as sa
from app.db import columns
from app.db.columns import Choice, Exact, Id, Timestamp, at_least, at_most, short_text
"""


def write(folder: Path, seed: int) -> None:
    """Write the revisions of a history, and the one that undoes it."""
    history = History(seed)
    before = "None"
    (folder / FOLDER).mkdir(parents=True)
    for number, statement in enumerate(history.statements(), 1):
        revision = f"{number:02}"
        body = statement.replace("\n", "\n    ")
        (folder / FOLDER / f"{revision}.py").write_text(
            f'{IMPORTS}\nrevision = "{revision}"\ndown_revision = {before}\n\n'
            f"def upgrade():\n    {body}\n"
        )
        before = f'"{revision}"'
    schema = Schema(read_revisions(folder))
    check_understood(schema, history.table, "Order", "")
    table = schema.table(history.table)
    assert table is not None
    text = undo_revision([table], "orders", Revision("undo", before.strip('"')))
    (folder / FOLDER / UNDO).write_text(text)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a database, and beside its revisions many histories of a table."""
    project = generate(tmp_path_factory.mktemp("undo"), patterns=("database",))
    for seed in range(HISTORIES):
        write(project / "histories" / f"{seed:03}", seed)
    return project


def folders(project: Path) -> list[str]:
    return [str(path / FOLDER) for path in sorted((project / "histories").iterdir())]


def test_on_sqlite(project: Path, environment: Environment) -> None:
    result = environment.run_code(RUN, "sqlite+aiosqlite://", *folders(project), cwd=project)

    assert result.code == 0, result.err


def test_on_postgresql(project: Path, environment: Environment) -> None:
    with POSTGRESQL.database(environment) as name:
        url = f"postgresql+asyncpg://{POSTGRESQL.url.partition('://')[2]}{name}"
        some = folders(project)[::2]
        result = environment.run_code(RUN, url, *some, cwd=project)

    assert result.code == 0, result.err


def test_ruff_has_nothing_to_say(project: Path, environment: Environment) -> None:
    versions = project / FOLDER
    for path in (project / "histories").glob(f"*/{FOLDER}/{UNDO}"):
        name = path.relative_to(project / "histories").parts[0]
        (versions / f"undo_{name}.py").write_text(path.read_text())
    paths = [str(path) for path in versions.glob("undo_*.py")]

    for command in (["format", "--diff"], ["check"]):
        result = environment.run("ruff", *command, *paths, cwd=project)
        assert result.code == 0, result.out

    assert len(paths) == HISTORIES


def test_a_whole_project(tmp_path: Path, environment: Environment) -> None:
    """Remove a router of an applied project, and go there and back."""
    project = generate(tmp_path, patterns=("database",))
    fields = ["total:int:min=0", "state:enum(new|paid)", "item:ref(items)", "price:decimal:max=9"]
    options = [word for field in fields for word in ("--field", field)]
    assert fastgen("add", "router", "orders", *options, cwd=project).code == 0
    environment.migrate(project)

    result = fastgen("remove", "router", "orders", cwd=project)

    assert result.code == 0, result.err
    steps = ["upgrade head", "check", "downgrade -1", "downgrade base", "upgrade head"]
    environment.alembic(project, *steps)


def test_the_way_out_of_a_refusal(tmp_path: Path, environment: Environment) -> None:
    project = generate(tmp_path, patterns=("database",))
    fastgen("add", "router", "orders", cwd=project)
    environment.alembic(project, "upgrade head", "revision -m 'by hand'")
    (path,) = (project / FOLDER).glob("*by_hand.py")
    text = path.read_text().replace("pass", 'op.execute("UPDATE orders SET version = 1")', 1)
    path.write_text(text.replace("revision =", "from alembic import op\n\nrevision =", 1))
    environment.alembic(project, "upgrade head")
    assert fastgen("remove", "router", "orders", cwd=project).code == 3

    (project / "app" / "models" / "order.py").unlink()
    environment.alembic(project, "revision --autogenerate -m 'remove orders'")
    assert fastgen("remove", "router", "orders", cwd=project).code == 0

    environment.alembic(project, "upgrade head", "check")
    assert not list((project / "app").rglob("*order*"))
