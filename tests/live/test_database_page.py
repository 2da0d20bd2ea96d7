"""The examples of `docs/database.md`: followed in a project, checked, and called over HTTP."""

import ast
import re
import shlex
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.environment import Environment
from tests.live.server import CLIENT, serve
from tests.services import DATABASES, new_database
from tests.support import fastgen, generate

SQLITE = "sqlite"
WITH_ORDERS = ["tests/api/test_orders.py", "tests/api/test_order_queries.py", "tests/db"]
PAGE = Path("docs", "database.md")
BLOCK = re.compile(r"^```(python|sh)\n(.+?)^```$", re.MULTILINE | re.DOTALL)
FILTERED = re.compile(r"^GET /api/v1(\S+)$", re.MULTILINE)
ROWS = """
import asyncio

from app.db.database import open_database
from app.models.item import Item, ItemStatus
from app.models.order import Order, OrderStatus
from app.repositories.item import ItemRepository
from app.repositories.order import OrderRepository
from app.settings import get_settings


async def main():
    async with open_database(get_settings()) as database, database.session() as session:
        item = await ItemRepository(session).add(
            Item(name="Lamp", price="12.50", status=ItemStatus.ACTIVE)
        )
        await OrderRepository(session).add(
            Order(customer="Ann", total="12.50", status=OrderStatus.NEW, item_id=item.id)
        )


asyncio.run(main())
"""
"""Adds rows before the tables change."""


@pytest.fixture(params=DATABASES)
def url(request: pytest.FixtureRequest, environment: Environment, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database."""
    with new_database(request.param, environment, tmp_path) as url:
        yield url


def test_the_examples(url: str, environment: Environment, tmp_path: Path) -> None:
    project = generate(tmp_path, patterns=("database",))
    variables = {"DATABASE_URL": url}
    follow(project, environment, variables, rows=ROWS)

    # The code is the same on any server.
    static = ("ruff check --no-cache", "mypy", "lint-imports --no-cache")
    for check in ("alembic check", *(static if url.startswith(SQLITE) else ())):
        result = environment.run(*check.split(), cwd=project, env=variables)
        assert result.code == 0, f"{check}: {result.out}{result.err}"
    with accounting() as (payments, received):
        replace(project / "app/api/v1/orders.py", "https://accounting.example.com", payments)
        with serve(project, environment, env=variables) as server:
            call(project, f"{server.url}/api/v1")
    assert received == [b'{"order":2,"total":"30.00"}']

    # The others do not depend on the examples on any server.
    paths = [] if url.startswith(SQLITE) else WITH_ORDERS
    tests = environment.run("pytest", "-q", *paths, cwd=project, env={"TEST_DATABASE_URL": url})
    assert tests.code == 0, tests.out


def test_the_examples_where_rows_have_owners(environment: Environment, tmp_path: Path) -> None:
    project = generate(tmp_path, patterns=("database", "auth"))
    follow(project, environment, {"DATABASE_URL": f"sqlite:///{tmp_path / 'own.db'}"})

    typed = environment.run("mypy", cwd=project)
    tested = environment.run("pytest", "-q", "tests/api", "tests/architecture", cwd=project)

    assert typed.code == 0, typed.out
    assert tested.code == 0, tested.out


def call(project: Path, api: str) -> None:
    """Call each example; there is an order of Ann from before the migration."""

    def get(path: str) -> Any:
        response = CLIENT.get(f"{api}{path}")
        assert response.status_code == 200, response.text
        return response.json()

    def post(path: str, body: object = None, status: int = 201) -> Any:
        response = CLIENT.post(f"{api}{path}", json=body)
        assert response.status_code == status, response.text
        return response.json()

    def order(**values: object) -> Any:
        return post("/orders", {"item_id": 2, "status": "new", **values})

    assert [each["priority"] for each in get("/orders")["items"]] == [0]
    post("/items", {"name": "Rug", "price": "20.00"})
    assert order(customer="Bob", total="30.00", priority=3)["priority"] == 3
    order(customer="Bob", total="0.10", note="gift")
    order(customer="Bob", total="0.10", status="shipped")

    (joined,) = get("/orders/active-items")
    assert (joined["customer"], joined["item"]["name"]) == ("Ann", "Lamp")
    assert [len(item["orders"]) for item in get("/items/with-orders")] == [1, 3]
    assert CLIENT.delete(f"{api}/items/1").status_code == 409
    assert get("/orders/totals?at_least=2") == [
        {"customer": "Bob", "orders": 3, "total": "30.20", "average": "10.07"}
    ]
    assert [each["id"] for each in get("/orders/open?low=0&high=20")] == [1]
    assert [each["id"] for each in get("/orders/open?low=0&high=20&has_note=true")] == [3]
    (path,) = FILTERED.findall((project / PAGE).read_text("utf-8"))
    assert [each["id"] for each in get(path)["items"]] == [1]
    totals = [each["total"] for each in get("/orders/running-totals?item_id=2")]
    assert totals == ["30.00", "30.10", "30.20"]

    post("/checkout", {"item_id": 1, "customer": "x" * 81}, 422)
    bought = post("/checkout", {"item_id": 1, "customer": "Eve"})
    assert (bought["total"], get("/items/1")["status"]) == ("12.50", "draft")
    assert get("/orders/active-items") == []

    before = CLIENT.get(f"{api}/orders/2").headers["ETag"]
    assert post("/orders/2/payment", status=200)["status"] == "paid"
    assert post("/orders/ship-paid", status=200) == {"shipped": 1}
    after = CLIENT.get(f"{api}/orders/2").headers["ETag"]
    assert (before, after) == ('"1"', '"3"')


def follow(
    project: Path, environment: Environment, variables: dict[str, str], rows: str = ""
) -> None:
    """Do what the page says, from its start to its end; `rows` adds some to the first tables."""
    page = (project / PAGE).read_text("utf-8")
    for language, text in BLOCK.findall(page):
        if language == "python":
            file, _, block = text.removeprefix("# ").partition("\n")
            insert(project / file, block)
            continue
        tidy(project, environment)
        for line in text.splitlines():
            command, *arguments = shlex.split(line)
            if command == "fastgen":
                result = fastgen(*arguments, "--yes", cwd=project)
            else:
                result = environment.run(command, *arguments, cwd=project, env=variables)
            assert result.code == 0, f"{line}: {result.out}{result.err}"
            if command == "fastgen":
                environment.migrate(project, variables)
                added = environment.run("python", "-c", rows, cwd=project, env=variables)
                assert added.code == 0, added.err
    tidy(project, environment)


def add_examples(project: Path, page: str) -> None:
    """Add the Python examples of a page of `docs/`."""
    for language, text in BLOCK.findall((project / "docs" / f"{page}.md").read_text("utf-8")):
        if language == "python":
            file, _, block = text.removeprefix("# ").partition("\n")
            insert(project / file, block)


def follow_python(project: Path, page: str, environment: Environment) -> None:
    """Add the Python examples of a page of `docs/`, and check the project."""
    add_examples(project, page)
    tidy(project, environment)
    for check in ("ruff check --no-cache", "mypy", "lint-imports --no-cache"):
        result = environment.run(*check.split(), cwd=project)
        assert result.code == 0, f"{check}: {result.out}{result.err}"


def tidy(project: Path, environment: Environment) -> None:
    """Sort the imports, as `just fix` does."""
    environment.run("ruff", "check", "--fix", "--quiet", "--no-cache", cwd=project)
    environment.run("ruff", "format", "--quiet", "--no-cache", cwd=project)


def insert(file: Path, block: str) -> None:
    """Put an example where the page says that it belongs."""
    if not file.exists():
        file.write_text(block, "utf-8")
        return
    for node in ast.parse(block).body:
        source = file.read_text("utf-8")
        lines, statements = source.splitlines(), ast.parse(source).body
        number, text = _place(node, _text(node, block), statements, len(lines))
        lines[number:number] = text.splitlines()
        file.write_text("\n".join([*lines, ""]), "utf-8")


def _place(node: ast.stmt, text: str, statements: list[ast.stmt], end: int) -> tuple[int, str]:
    """The line that `node` follows, and its lines."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return statements[0].end_lineno or 0, text
    if isinstance(node, ast.If):  # imports for types
        imports = [each for each in statements if isinstance(each, ast.Import | ast.ImportFrom)]
        return imports[-1].end_lineno or 0, f"\n{text}"
    if isinstance(node, ast.ClassDef):
        for known in statements:
            if isinstance(known, ast.ClassDef) and known.name == node.name:
                return known.end_lineno or 0, text.partition("    ...\n")[2]
    if isinstance(node, ast.AsyncFunctionDef) and "/{" not in text:
        for known in statements:
            if isinstance(known, ast.AsyncFunctionDef) and "/{" in ast.unparse(known):
                return known.decorator_list[0].lineno - 1, f"{text}\n\n"
    return end, f"\n\n{text}"


def _text(node: ast.stmt, block: str) -> str:
    first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", []))])
    return "\n".join([*block.splitlines()[first - 1 : node.end_lineno], ""])


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


@contextmanager
def accounting() -> Iterator[tuple[str, list[bytes]]]:
    """The URL of another service, and the bodies that it has received."""
    received: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", received
        finally:
            server.shutdown()
            thread.join()
