"""Fields that are added to a resource, and removed: every type and modifier, with rows."""

from pathlib import Path

import pytest

from fastgen.changes import Plan
from fastgen.planning.plan_fields import plan_add_fields, plan_remove_field
from fastgen.project.operations import EXAMPLES, Operation
from fastgen.project.state import read_state
from fastgen.transaction import apply
from tests.environment import Environment
from tests.matrix.combinations import EVERYTHING
from tests.matrix.resources import EVERY_KIND
from tests.services import new_database, run_sql
from tests.support import contents, generate

ORDERS = Operation("router", "orders", {"fields": ("label:str",)})
# A date, a moment and a key that are unique have no value that fits all rows.
FIELDS = [
    text.replace(":unique", ":optional:unique")
    if text.split(":")[1] in ("date", "datetime", "uuid")
    else text
    for text in EVERY_KIND
]
REMOVED = [field.partition(":")[0] for field in reversed(FIELDS)]
SOME_REMOVED = ("kind", "limit", "item", "day", "code", "label")
METHOD = """
    async def first_label(self) -> str:
        return (await self.get(1)).label
"""
OWN = {
    "app/models/order.py": """
    @property
    def loud_label(self) -> str:
        return self.label.upper()
""",
    "app/repositories/order.py": METHOD,
    "app/services/order.py": METHOD,
    "app/schemas/order.py": """

class LoudOrder(Output):
    loud_label: str
""",
    "app/api/v1/orders.py": """

@router.get("/{order_id}/loud")
async def read_loud_order(order_id: OrderId, orders: OrderReads) -> LoudOrder:
    return LoudOrder.model_validate(await orders.get(order_id))
""",
    "tests/api/test_orders.py": """

async def test_a_loud_order(client: AsyncClient) -> None:
    order = await create(client, label="one")

    response = await client.get(f"{URL}/{order['id']}/loud")

    assert response.json() == {"loud_label": "ONE"}
""",
}
"""What people have written in the resource, at the ends of its files."""
TESTS = ("tests/api/test_orders.py", "tests/unit/test_order_service.py")
TIMES = "(created_at, updated_at, version, {}) VALUES (CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, 1, {})"
INSERTS = [
    "INSERT INTO items " + TIMES.format("name, price, status", "'x', 1, 'draft'"),
    "INSERT INTO orders " + TIMES.format("label", "'a'"),
    "INSERT INTO orders " + TIMES.format("label", "'b'"),
]


def do(project: Path, plan: Plan) -> None:
    assert [*plan.kept, *plan.broken, *plan.by_hand, *plan.conflicts] == []
    apply(project, plan.changes)


def tree(project: Path) -> dict[str, bytes]:
    left = contents(project)
    return {
        path: left[path] for path in left if "/versions/" not in path and ".fastgen" not in path
    }


def edit(project: Path) -> None:
    for path, own in OWN.items():
        with (project / path).open("a") as file:
            file.write(own)
    router = project / "app/api/v1/orders.py"
    text = router.read_text()
    assert "    OrderCreate,\n" in text
    router.write_text(text.replace("    OrderCreate,\n", "    LoudOrder,\n    OrderCreate,\n", 1))


def check_own_lines(project: Path) -> None:
    for path, text in OWN.items():
        assert text in (project / path).read_text(), path


@pytest.mark.parametrize("patterns", [(), ("database", "auth", "streaming")], ids=["none", "some"])
def test_the_resource_is_that_of_a_router_with_the_fields(
    tmp_path: Path, patterns: tuple[str, ...]
) -> None:
    project = generate(tmp_path / "later", patterns=patterns, operations=(*EXAMPLES, ORDERS))
    before = contents(project)
    whole = Operation("router", "orders", {"fields": ("label:str", *FIELDS)})
    at_once = generate(tmp_path / "once", patterns=patterns, operations=(*EXAMPLES, whole))

    do(project, plan_add_fields(project, read_state(project), "orders", FIELDS))

    assert tree(project) == tree(at_once)
    for text in reversed(FIELDS):
        name = text.partition(":")[0]
        do(project, plan_remove_field(project, read_state(project), "orders", name))
    left = contents(project)
    assert {path: left[path] for path in before} == before


def test_an_edited_resource_with_rows(
    project: Path, environment: Environment, tmp_path: Path, database_url: str
) -> None:
    variables = {"DATABASE_URL": database_url}

    def run(*command: str) -> None:
        result = environment.run(*command, cwd=project, env=variables)
        assert result.code == 0, result.out + result.err

    environment.alembic(project, "upgrade head", env=variables)
    for row in INSERTS:
        run_sql(environment, database_url, row)
    edit(project)
    for fields in (FIELDS[:8], FIELDS[8:16], FIELDS[16:]):
        do(project, plan_add_fields(project, read_state(project), "orders", fields))

    environment.alembic(project, "upgrade head", "check", env=variables)
    run("ruff", "format", "--check")
    run("ruff", "check")
    check_own_lines(project)
    with new_database(database_url.partition(":")[0], environment, tmp_path) as url:
        variables["TEST_DATABASE_URL"] = url
        run("pytest", "-q", "-x", *TESTS)

    (project / ".env").write_text(f"DATABASE_URL={database_url}\n")
    removed = REMOVED if EVERYTHING else SOME_REMOVED
    for name in removed:
        do(project, plan_remove_field(project, read_state(project), "orders", name))
    assert run_sql(environment, database_url, "SELECT count(*) FROM orders") == [[2]]
    steps = ["upgrade head", "check", f"downgrade -{len(removed)}", "upgrade head"]
    environment.alembic(project, *steps, env=variables)
    assert run_sql(environment, database_url, "SELECT count(*) FROM orders") == [[2]]
    run("ruff", "format", "--check")
    check_own_lines(project)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return generate(tmp_path, patterns=("database",), operations=(*EXAMPLES, ORDERS))
