"""The revision that drops a table, by the calls of the revisions that made it."""

from pathlib import Path

import pytest

from fastgen.errors import Refused
from fastgen.migrations.revisions import FOLDER, Revision, read_revisions
from fastgen.migrations.tables import Schema
from fastgen.migrations.undo import check_understood, undo_revision

CREATE = 'op.create_table("orders", sa.Column("id", sa.Integer(), primary_key=True))'
IMPORTS = "import sqlalchemy as sa\nfrom alembic import op\n"


def write(root: Path, *bodies: str, imports: str = IMPORTS) -> Schema:
    """The schema of revisions, each with such statements in its `upgrade`."""
    (root / FOLDER).mkdir(parents=True)
    before = "None"
    for number, body in enumerate(bodies, 1):
        top, _, inner = body.rpartition("---\n")
        lines = "\n".join(f"    {line}" for line in inner.splitlines())
        text = f'{imports}{top}\nrevision = "{number}"\ndown_revision = {before}\n'
        (root / FOLDER / f"{number}.py").write_text(f"{text}\ndef upgrade() -> None:\n{lines}\n")
        before = f'"{number}"'
    return Schema(read_revisions(root))


def undo(schema: Schema, name: str = "orders") -> str:
    check_understood(schema, name, "Order", "the hint")
    table = schema.table(name)
    assert table is not None
    return undo_revision([table], "orders", Revision("new", "old"))


def test_columns_that_were_added_are_in_the_table(tmp_path: Path) -> None:
    schema = write(
        tmp_path,
        "from app.db.columns import Id\n---\n"
        "op.create_table('orders', sa.Column('id', Id, primary_key=True), comment='mine')\n"
        "op.create_index('ix_orders_id', 'orders', ['id'])",
        "op.add_column('orders', sa.Column('note', sa.String(80), server_default='a \"b\"'))\n"
        "with op.batch_alter_table('orders', schema=None) as batch_op:\n"
        "    batch_op.add_column(sa.Column('total', sa.Numeric(12, 2), nullable=True))",
    )

    assert (
        undo(schema)
        == '''"""Remove orders."""

import sqlalchemy as sa
from alembic import op

from app.db.columns import Id

revision = "new"
down_revision = "old"


def upgrade() -> None:
    op.drop_table("orders")


def downgrade() -> None:
    op.create_table(
        "orders",
        sa.Column("id", Id, primary_key=True),
        sa.Column("note", sa.String(80), server_default='a "b"'),
        sa.Column("total", sa.Numeric(12, 2), nullable=True),
        comment="mine",
    )
    op.create_index("ix_orders_id", "orders", ["id"])
'''
    )


@pytest.mark.parametrize(
    "call",
    [
        'op.add_column("orders", sa.Column("state", sa.Enum("a", name="state")))',
        'op.add_column("orders", sa.Column("code", sa.String(9), unique=True))',
        'op.drop_column("orders", "note")',
        'op.alter_column("orders", "note", new_column_name="remark", nullable=False)',
        'op.create_index(op.f("ix_orders_note"), "orders", ["note"], unique=True)',
        'op.create_check_constraint("positive", "orders", sa.text("total > 0"))',
        'op.drop_constraint("uq_orders_note", "orders", type_="unique")',
        'op.create_foreign_key("fk_orders_id", "orders", "orders", ["id"], ["id"])',
    ],
)
def test_other_calls_are_repeated(tmp_path: Path, call: str) -> None:
    schema = write(tmp_path, CREATE, call.replace('"', "'"))

    assert f"    {CREATE}\n    {call}\n" in undo(schema)


def test_blocks_are_repeated(tmp_path: Path) -> None:
    block = (
        'with op.batch_alter_table("orders", schema=None) as batch_op:\n'
        '        batch_op.drop_column("note")\n'
        '        batch_op.create_unique_constraint(batch_op.f("uq_orders_id"), ["id"])\n'
    )

    assert f"    {block}" in undo(write(tmp_path, CREATE, block.replace("        ", "    ")))


def test_an_index_that_is_gone_is_not_made_again(tmp_path: Path) -> None:
    schema = write(
        tmp_path,
        CREATE,
        'op.create_index("ix_id", "orders", ["id"])\nop.create_index("ix_other", "orders", ["id"])',
        'op.drop_index("ix_id", table_name="orders")\nop.drop_index("ix_other")',
    )

    assert "index" not in undo(schema)


def test_a_table_that_was_dropped_is_not_there(tmp_path: Path) -> None:
    schema = write(tmp_path, CREATE, 'op.execute("UPDATE orders")', 'op.drop_table("orders")')

    check_understood(schema, "orders", "Order", "")
    assert schema.table("orders") is None


def test_steps_before_a_recreated_table_are_ignored(tmp_path: Path) -> None:
    drop = 'op.execute("UPDATE orders")\nop.drop_table("orders")'

    assert f"downgrade() -> None:\n    {CREATE}\n" in undo(write(tmp_path, CREATE, drop, CREATE))


def test_a_renamed_table_is_dropped_by_its_name_of_today(tmp_path: Path) -> None:
    schema = write(tmp_path, CREATE, 'op.rename_table("orders", "purchases")')

    assert schema.new_name("orders") == "purchases"
    text = undo(schema, "purchases")
    assert 'op.drop_table("purchases")' in text
    assert f'    {CREATE}\n    op.rename_table("orders", "purchases")\n' in text


def test_an_index_of_the_table_itself_is_found_by_its_name(tmp_path: Path) -> None:
    create = CREATE.replace("))", '), sa.Index("by_id", "id"))')
    drop = 'op.drop_index("by_id", if_exists=True)'

    assert f"    {drop}\n" in undo(write(tmp_path, create, drop))


@pytest.mark.parametrize(
    "body",
    [
        'op.execute("UPDATE orders SET total = 0")',
        'op.execute(sa.text("create index x on ORDERS (id)"))',
        'op.execute("DROP INDEX ix_orders_total")',
        'for table in ("orders", "items"):\n    op.add_column(table, sa.Column("x", sa.Text()))',
        'for table in TABLES:\n    op.add_column(table, sa.Column("x", sa.Text()))',
        'op.add_column(TABLE, sa.Column("x", sa.Text()))',
        'TABLE = "orders"\n---\nop.add_column(TABLE, sa.Column("x", sa.Text()))',
        'def add() -> None:\n    op.drop_column("orders", "x")\n---\nadd()',
        'if op.get_context().dialect.name == "sqlite":\n    op.drop_column("orders", "id")',
        'op.batch_alter_table("orders")',
        'with op.batch_alter_table("orders") as batch_op:\n    batch_op.execute("x")',
        'with op.batch_alter_table("orders") as batch_op:\n    for name in "ab":\n        pass',
        'op.add_column("orders", column)',
        'op.add_column("orders", sa.Column(f"x{1}", sa.Text()))',
        'op.add_column("orders", *columns)',
        'op.bulk_insert(sa.table("orders"), [])',
        'op.rename_table("orders", name)',
        "helper(op)",
        "from shop import change\n---\nchange()",
        "from app.models.order import Order\n---\nop.execute(sa.update(Order).values(total=1))",
        "for table in sa.inspect(op.get_bind()).get_table_names():\n    op.execute(table)",
        'op.drop_index("ix_orders_by_hand")',
        'from pathlib import Path\n---\nop.execute(Path("change.sql").read_text())',
        'for t in ["ers"]:\n    op.execute(f"ALTER TABLE ord{t} DROP x")',
        "op.execute(SQL)",
        'op.execute("ALTER TABLE ord" + "ers DROP x")',
        'op.execute(sa.text(f"ALTER TABLE ord{t} DROP x"))',
        "bind = op.get_bind()\nbind.exec_driver_sql(SQL)",
        'f = op.add_column\nf("ord" + "ers", sa.Column("x", sa.Text()))',
        'other = op\nother.add_column("ord" + "ers", sa.Column("x", sa.Text()))',
        'from alembic import op as o\no.add_column("ord" + "ers", sa.Column("x", sa.Text()))',
        'from alembic import op as o\n---\no.add_column("ord" + "ers", x)',
        'from alembic.op import add_column\n---\nadd_column("ord" + "ers", x)',
        "from shop import change\nchange()",
        'op.create_table("lines", sa.Column("id", sa.ForeignKey(target)))',
    ],
)
def test_statements_that_may_change_the_table_are_refused(tmp_path: Path, body: str) -> None:
    schema = write(tmp_path, CREATE, body)

    with pytest.raises(Refused, match=r"`migrations/versions/2\.py`, line \d+, ") as refused:
        undo(schema)
    assert refused.value.hint == "the hint"


@pytest.mark.parametrize(
    "body",
    [
        'op.execute("UPDATE items SET total = 0")',
        'op.execute("SELECT 1 FROM items ORDER BY id")',
        'items = sa.table("items", sa.column("id"))\nop.execute(items.update().values(id=1))',
        'op.execute(sa.table("items", sa.column("id")).delete())',
        'op.execute(sa.text("DELETE FROM items WHERE id = :id").bindparams(id=1))',
        "from datetime import date\nop.execute(items.update().values(day=date.today()))",
        'for name in ("a", "b"):\n    op.drop_column("items", name)',
        'bind = op.get_bind()\nbind.execute(sa.text("DELETE FROM order_lines"))',
        'op.rename_table("items", "things")\nop.drop_table("things")',
        'op.create_index("ix_items", "items", ["id"])\nop.drop_index("ix_items")',
        'op.add_column("orders", sa.Column("x", sa.Text()), schema="archive")',
        "pass",
        "return\n'orders'",
    ],
)
def test_statements_about_other_tables_are_not(tmp_path: Path, body: str) -> None:
    assert f"downgrade() -> None:\n    {CREATE}\n" in undo(write(tmp_path, CREATE, body))


@pytest.mark.parametrize("change", ['op.drop_table("cust")', 'op.rename_table("cust", "clients")'])
def test_a_foreign_key_to_a_table_that_is_gone_is_refused(tmp_path: Path, change: str) -> None:
    schema = write(
        tmp_path,
        CREATE,
        'op.create_table("cust", sa.Column("id", sa.Integer(), primary_key=True))\n'
        'with op.batch_alter_table("orders") as batch_op:\n'
        '    batch_op.add_column(sa.Column("c", sa.Integer()))\n'
        '    batch_op.create_foreign_key("fk_c", "cust", ["c"], ["id"])\n'
        'with op.batch_alter_table("orders") as batch_op:\n'
        '    batch_op.drop_constraint("fk_c", type_="foreignkey")\n'
        '    batch_op.drop_column("c")\n'
        f"{change}",
    )

    with pytest.raises(Refused, match="a foreign key to the table `cust`, which is no longer"):
        undo(schema)


def test_a_table_that_no_revision_creates_is_refused(tmp_path: Path) -> None:
    schema = write(tmp_path, 'op.drop_column("orders", "x")')

    with pytest.raises(Refused, match="which no revision creates"):
        undo(schema)


def test_a_name_with_two_meanings_is_refused(tmp_path: Path) -> None:
    schema = write(
        tmp_path,
        CREATE,
        'from shop import types as sa\n---\nop.add_column("orders", sa.Column("x", sa.Text()))',
    )

    with pytest.raises(Refused, match="`sa` means two things"):
        undo(schema)


@pytest.mark.parametrize(
    ("bodies", "names"),
    [
        (['op.create_table("lines", sa.Column("a", sa.ForeignKey("orders.id")))'], ["lines"]),
        (
            ['op.create_table("a", sa.ForeignKeyConstraint(["x"], ["orders.id"], name="fk"))'],
            ["a"],
        ),
        (['op.add_column("a", sa.Column("x", sa.Text(), sa.ForeignKey("orders.id")))'], ["a"]),
        (['op.create_foreign_key("fk", "a", "orders", ["x"], ["id"])'], ["a"]),
        (
            [
                (
                    'with op.batch_alter_table("a") as batch_op:\n'
                    '    batch_op.create_foreign_key("fk", "orders", ["x"], ["id"])'
                )
            ],
            ["a"],
        ),
        (['op.create_foreign_key("fk", "orders", "orders", ["x"], ["id"])'], []),
        (['op.create_foreign_key("fk", "a", "orders", ["x"], ["id"])', 'op.drop_table("a")'], []),
        (
            [
                'op.create_foreign_key("fk", "a", "orders", ["x"], ["id"])',
                'op.drop_constraint("fk", "a", type_="foreignkey")',
            ],
            [],
        ),
        (
            [
                'op.add_column("a", sa.Column("x", sa.Text(), sa.ForeignKey("orders.id")))',
                'op.drop_constraint("fk_a_x", "a")',
            ],
            [],
        ),
        (
            [
                'op.add_column("a", sa.Column("x", sa.Text(), sa.ForeignKey("orders.id")))',
                'op.alter_column("a", "x", new_column_name="y")',
                'op.rename_table("a", "b")',
                'op.drop_column("b", "y")',
            ],
            [],
        ),
        (
            ['op.create_foreign_key("fk", "a", "orders", ["x"], ["id"], referent_schema="s")'],
            [],
        ),
        (["op.create_table('o.l', sa.Column('a', sa.ForeignKey('other.orders.id')))"], []),
    ],
)
def test_tables_that_refer_to_it(tmp_path: Path, bodies: list[str], names: list[str]) -> None:
    assert write(tmp_path, CREATE, *bodies).referring("orders") == names


def test_references_follow_a_renamed_table(tmp_path: Path) -> None:
    schema = write(
        tmp_path,
        CREATE,
        'op.create_foreign_key("fk", "a", "orders", ["x"], ["id"])',
        'op.rename_table("orders", "purchases")',
    )

    assert schema.referring("purchases") == ["a"]


def test_a_chain_of_methods_is_formatted(tmp_path: Path) -> None:
    schema = write(
        tmp_path,
        CREATE,
        "op.add_column('orders', sa.Column('note', sa.Text().with_variant(sa.Text(collation='C'), "
        "'postgresql').with_variant(mysql.MEDIUMTEXT(charset='utf8mb4'), 'mysql', 'mariadb')))",
        imports=f"{IMPORTS}from sqlalchemy.dialects import mysql\n",
    )

    assert """        sa.Column(
            "note",
            sa.Text()
            .with_variant(sa.Text(collation="C"), "postgresql")
            .with_variant(mysql.MEDIUMTEXT(charset="utf8mb4"), "mysql", "mariadb"),
        ),
""" in undo(schema)
