"""Cached responses of two processes that share PostgreSQL and Redis, for several users."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.environment import Environment
from tests.live.server import serve
from tests.live.test_auth import ADMIN_EMAIL, ADMIN_PASSWORD, AUTH, PASSWORD, USERS, VARIABLES
from tests.live.test_database_page import add_examples
from tests.matrix.callers import FIRST_ADMIN
from tests.services import POSTGRESQL, REDIS
from tests.support import generate

ITEMS = "/api/v1/items"
ANN, BOB = "ann@example.com", "bob@example.com"
Headers = dict[str, str]
Processes = tuple[httpx2.Client, httpx2.Client]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("auth-with-cache")
    project = generate(folder, patterns=("database", "auth", "cache"))
    add_examples(project, "cache")
    return project


@pytest.fixture(scope="module")
def shared(project: Path, environment: Environment) -> Iterator[tuple[Processes, str, str]]:
    """The processes, their database, and how their keys start."""
    with POSTGRESQL.database(environment) as database, REDIS.keys(environment) as prefix:
        variables = {
            **VARIABLES,
            **FIRST_ADMIN,
            "DATABASE_URL": POSTGRESQL.url + database,
            "REDIS_URL": REDIS.url,
            "REDIS_PREFIX": prefix,
            # A busy machine must not look like an outage.
            "REDIS_TIMEOUT_SECONDS": "20",
            "LOGIN_FAILURES": "5/hour",
        }
        environment.migrate(project, variables)
        environment.make_admin(project, variables)
        with (
            serve(project, environment, env=variables) as first,
            serve(project, environment, env=variables) as second,
            httpx2.Client(base_url=first.url, timeout=30) as one,
            httpx2.Client(base_url=second.url, timeout=30) as other,
        ):
            yield (one, other), database, prefix


@pytest.fixture
def processes(shared: tuple[Processes, str, str], environment: Environment) -> Processes:
    """With the admin as the only user, and nothing else."""
    processes, database, prefix = shared
    admin = f"lower(email) = lower('{ADMIN_EMAIL}')"
    for statement in ("DELETE FROM items", f"DELETE FROM users WHERE NOT {admin}"):
        POSTGRESQL.run(environment, statement, database)
    REDIS.clear(environment, prefix)
    return processes


def attempt(client: httpx2.Client, email: str, password: str) -> httpx2.Response:
    return client.post(f"{AUTH}/token", data={"username": email, "password": password})


def sign_in(client: httpx2.Client, email: str, password: str = PASSWORD) -> Headers:
    return {"Authorization": f"Bearer {attempt(client, email, password).json()['access_token']}"}


def register(client: httpx2.Client, email: str) -> Headers:
    answer = client.post(f"{AUTH}/register", json={"email": email, "password": PASSWORD})
    assert answer.status_code == 201, answer.text
    return sign_in(client, email)


def create(client: httpx2.Client, name: str, headers: Headers) -> str:
    answer = client.post(ITEMS, json={"name": name, "price": "1.00"}, headers=headers)
    assert answer.status_code == 201, answer.text
    location: str = answer.headers["location"]
    return location


def names(client: httpx2.Client, headers: Headers) -> list[str]:
    page: dict[str, Any] = client.get(ITEMS, headers=headers).json()
    return sorted(item["name"] for item in page["items"])


def test_rows_of_one_user_are_not_shown_to_another(processes: Processes) -> None:
    one, other = processes
    ann, bob = register(one, ANN), register(other, BOB)
    admin = sign_in(one, ADMIN_EMAIL, ADMIN_PASSWORD)
    of_ann, of_bob = create(one, "of Ann", ann), create(one, "of Bob", bob)

    for client in (one, other) * 3:
        assert names(client, ann) == ["of Ann"]
        assert names(client, bob) == ["of Bob"]
        assert names(client, admin) == ["of Ann", "of Bob"]
        assert client.get(of_ann, headers=ann).status_code == 200
        assert client.get(of_ann, headers=bob).status_code == 404
        assert client.get(of_bob, headers=ann).status_code == 404
        assert client.get(of_ann).status_code == 401


def test_the_value_of_the_page_is_one_of_each_user(processes: Processes) -> None:
    one, other = processes
    ann, bob = register(one, ANN), register(other, BOB)
    create(one, "of Ann", ann)

    for headers, count in ((ann, 1), (bob, 0)) * 2:
        assert other.get(f"{ITEMS}/count", headers=headers).json() == count


def test_a_cached_response_needs_a_session(processes: Processes) -> None:
    one, other = processes
    ann = register(one, ANN)
    location = create(one, "of Ann", ann)
    for client in processes:
        assert client.get(location, headers=ann).status_code == 200

    changed = {"current_password": PASSWORD, "new_password": "another tall ship"}
    assert one.post(f"{AUTH}/password", json=changed, headers=ann).status_code == 204

    assert [client.get(location, headers=ann).status_code for client in (other, one)] == [401, 401]


def test_an_admin_who_becomes_a_user_sees_own_rows_only(processes: Processes) -> None:
    one, other = processes
    ann, admin = register(one, ANN), sign_in(one, ADMIN_EMAIL, ADMIN_PASSWORD)
    user = one.get(f"{USERS}/me", headers=ann).json()
    role = f"{USERS}/{user['id']}"
    assert one.patch(role, json={"role": "admin"}, headers=admin).status_code == 200
    ann = sign_in(one, ANN)
    create(one, "of the admin", admin)
    for client in processes:
        assert names(client, ann) == ["of the admin"]

    assert one.patch(role, json={"role": "user"}, headers=admin).status_code == 200

    for client in (other, one):
        assert client.get(ITEMS, headers=ann).status_code in (200, 401)
        assert "of the admin" not in client.get(ITEMS, headers=ann).text


def test_an_api_key_with_fewer_scopes_sees_less(processes: Processes) -> None:
    """The key of an admin without the scope `admin` is limited to the rows of its owner."""
    one, other = processes
    ann, admin = register(one, ANN), sign_in(one, ADMIN_EMAIL, ADMIN_PASSWORD)
    create(one, "of Ann", ann)
    data = {"name": "reader", "scopes": ["items:read"]}
    key = one.post(f"{AUTH}/api-keys", json=data, headers=admin).json()["key"]

    for client in (one, other):
        assert names(client, admin) == ["of Ann"]
        assert names(client, {"X-API-Key": key}) == []


def test_deleting_a_user_invalidates_responses_with_its_rows(processes: Processes) -> None:
    one, other = processes
    ann = register(one, ANN)
    create(one, "of Ann", ann)
    admin = sign_in(one, ADMIN_EMAIL, ADMIN_PASSWORD)
    assert names(other, admin) == ["of Ann"]

    assert one.delete(f"{USERS}/me", headers=ann).status_code == 204

    assert names(other, admin) == []


def test_login_failures_count_in_both_processes(processes: Processes) -> None:
    register(processes[0], ANN)

    statuses = [attempt(processes[n % 2], ANN, f"a wrong guess {n}").status_code for n in range(8)]

    assert statuses == [401] * 5 + [429] * 3
    refused = attempt(processes[1], ANN, PASSWORD)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0
