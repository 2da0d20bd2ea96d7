"""A project of all patterns that grows by `fastgen add`, and is served by two workers."""

import re
from pathlib import Path
from typing import Any

import httpx2
import pytest

from fastgen.project.patterns import names
from fastgen.project.state import read_state
from tests.environment import Environment
from tests.live.server import serve
from tests.live.test_auth import AUTH, PASSWORD, VARIABLES
from tests.services import POSTGRESQL, REDIS
from tests.support import contents, fastgen, generate

API = "/api/v1"
ONE_BY_ONE = httpx2.Limits(max_keepalive_connections=0)
FIELDS = ("customer:str:max=80", "total:decimal:min=0", "status:enum(new|paid)", "item:ref(items)")
STEPS = [
    ["router", "orders", *(f"--field={field}" for field in FIELDS)],
    ["router", "order_lines", "--field=order:ref(orders)"],
    ["middleware", "timing"],
    ["middleware", "rate-limit"],
    ["middleware", "audit"],
]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("growing")
    made = fastgen("new", "shop", "--with", "all", "--yes", cwd=folder)
    assert made.code == 0, made.err
    for step in STEPS:
        added = fastgen("add", *step, "--yes", cwd=folder / "shop")
        assert added.code == 0, added.err
    return folder / "shop"


def test_it_is_what_the_functions_behind_it_make(shop: Path, tmp_path: Path) -> None:
    """So the checks of projects that are made without the command line hold for this one too."""
    description = read_state(shop).answers.description
    operations = read_state(shop).operations
    same = generate(tmp_path, patterns=names(), operations=operations, description=description)

    expected, found = contents(same), contents(shop)
    differing = {path for path in expected if expected[path] != found.get(path)}
    assert found.keys() == expected.keys()
    assert differing <= {".fastgen.toml"}  # it says which version made it


@pytest.mark.parametrize(
    "command",
    [["ruff", "check", "--no-cache"], ["mypy"], ["lint-imports", "--no-cache"]],
    ids=lambda command: command[0],
)
def test_its_check_passes(shop: Path, environment: Environment, command: list[str]) -> None:
    result = environment.run(*command, cwd=shop)

    assert result.code == 0, result.out + result.err


def test_it_migrates_on_sqlite(shop: Path, environment: Environment, tmp_path: Path) -> None:
    url = {"DATABASE_URL": f"sqlite:///{tmp_path / 'own.db'}"}
    environment.migrate(shop, url)

    assert environment.run("alembic", "check", cwd=shop, env=url).code == 0


def test_it_serves_what_was_added(shop: Path, environment: Environment) -> None:
    with POSTGRESQL.database(environment) as database, REDIS.keys(environment) as prefix:
        variables = {
            **VARIABLES,
            "DATABASE_URL": POSTGRESQL.url + database,
            "REDIS_URL": REDIS.url,
            "REDIS_PREFIX": prefix,
            "REDIS_TIMEOUT_SECONDS": "20",  # what is slow on a busy machine is not silent
            "WORKERS": "2",
            "RATE_LIMITS": '{"/api/v1/order-lines/export.jsonl": "2/day"}',
        }
        environment.migrate(shop, variables)
        assert environment.run("alembic", "check", cwd=shop, env=variables).code == 0
        with (
            serve(shop, environment, env=variables) as server,
            # Every request has a connection of its own: either worker may answer it.
            httpx2.Client(base_url=server.url, timeout=30, limits=ONE_BY_ONE) as client,
        ):
            ann, bob = User(client, "ann"), User(client, "bob")
            item = ann.create("items", name="Lamp", price="12.50")
            orders = [
                ann.create("orders", customer="=Ann", total=f"{n}.00", status=status, item_id=item)
                for n, status in enumerate(("new", "paid", "paid"), 1)
            ]
            line = ann.create("order-lines", order_id=orders[0])

            _are_pages(ann, orders)
            _are_files(ann, bob)
            _are_owned(ann, bob, item, orders, line)
            _are_kept_until_they_change(ann, orders[0])
            _is_limited(ann)
            assert server.stop() == 0
            assert re.search(r"cache_counts.*hits", server.output)


class User:
    """Somebody who has signed in."""

    def __init__(self, client: httpx2.Client, name: str) -> None:
        self._client = client
        email = f"{name}@example.com"
        client.post(f"{AUTH}/register", json={"email": email, "password": PASSWORD})
        form = {"username": email, "password": PASSWORD}
        token = client.post(f"{AUTH}/token", data=form).json()["access_token"]
        self._headers = {"Authorization": f"Bearer {token}"}

    def ask(self, method: str, path: str, **body: Any) -> httpx2.Response:
        return self._client.request(method, f"{API}/{path}", headers=self._headers, **body)

    def create(self, resource: str, **fields: Any) -> int:
        answer = self.ask("POST", resource, json=fields)
        assert answer.status_code == 201, answer.text
        created: int = answer.json()["id"]
        return created

    def read(self, path: str) -> Any:
        answer = self.ask("GET", path)
        assert answer.status_code == 200, answer.text
        assert float(answer.headers["x-process-time-ms"]) >= 0
        return answer.json()


def _are_pages(ann: User, orders: list[int]) -> None:
    page = ann.read("orders?size=2&sort=-total")
    assert ([row["id"] for row in page["items"]], page["total"]) == (orders[:0:-1], 3)
    first = ann.read("orders/cursor?size=2")
    rest = ann.read(f"orders/cursor?size=2&cursor={first['next_cursor']}")
    assert sorted(row["id"] for row in first["items"] + rest["items"]) == orders
    assert [row["id"] for row in ann.read("orders?status=new")["items"]] == orders[:1]


def _are_files(ann: User, bob: User) -> None:
    rows = ann.ask("GET", "orders/export.csv").text.splitlines()
    assert len(rows) == 4
    assert "'=Ann" in rows[1]
    assert len(ann.ask("GET", "orders/export.jsonl").text.splitlines()) == 3
    assert len(bob.ask("GET", "orders/export.csv").text.splitlines()) == 1


def _are_owned(ann: User, bob: User, item: int, orders: list[int], line: int) -> None:
    for path in (f"orders/{orders[0]}", f"order-lines/{line}"):
        assert [user.ask("GET", path).status_code for user in (ann, bob)] == [200, 404]
    body = {"customer": "Bob", "total": "1.00", "status": "new", "item_id": item}
    assert bob.ask("POST", "orders", json=body).status_code in {404, 409, 422}
    assert bob.read("orders")["total"] == 0


def _are_kept_until_they_change(ann: User, order: int) -> None:
    for customer in ("Anna", "Anne"):
        assert ann.ask("PATCH", f"orders/{order}", json={"customer": customer}).status_code == 200
        for _ in range(4):
            assert ann.read(f"orders/{order}")["customer"] == customer


def _is_limited(ann: User) -> None:
    """Before a worker has seen that the credentials are good, it is the address that counts."""
    statuses = [ann.ask("GET", "order-lines/export.jsonl").status_code for _ in range(7)]
    assert (statuses[:2], statuses[-1]) == ([200, 200], 429)
