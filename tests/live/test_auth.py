"""Users and their sessions in front of a real PostgreSQL, with two workers beside each other."""

import socket
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.environment import Environment
from tests.live.server import CLIENT, Server, serve
from tests.matrix.callers import FIRST_ADMIN
from tests.services import MARIADB, POSTGRESQL
from tests.support import generate

AUTH, USERS = "/api/v1/auth", "/api/v1/users"
PASSWORD = "a tall ship at dawn"
NEW_PASSWORD = "another tall ship"
ADMIN_EMAIL, ADMIN_PASSWORD = FIRST_ADMIN.values()
SHARED_SECRET = "only-for-tests-0123456789-abcdefghijklmnop"

# Room for many clients of one address.
VARIABLES = {
    "SECRET_KEY": SHARED_SECRET,
    "REGISTRATIONS_PER_IP": "1000/hour",
    # On a busy machine, requests that are sent together are answered long after each other.
    "REFRESH_GRACE_SECONDS": "600",
    "API_KEYS_IN_QUERY": "true",
}
numbers = count(1)


def new_email() -> str:
    """Of nobody yet: the tests share a database."""
    return f"ann{next(numbers)}@example.com"


@dataclass(frozen=True)
class Workers:
    """Two processes behind one database; every request can be sent to either."""

    servers: tuple[Server, Server]
    clients: tuple[httpx2.Client, httpx2.Client]

    def sign_in(self, email: str, password: str = PASSWORD) -> dict[str, Any]:
        form = {"username": email, "password": password}
        tokens = self.clients[0].post(f"{AUTH}/token", data=form)
        assert tokens.status_code == 200, tokens.text
        found: dict[str, Any] = tokens.json()
        return found

    def statuses(self, tokens: dict[str, Any]) -> list[int]:
        """What each worker says to an access token, the one that has not seen its end first."""
        me = [
            client.get(f"{USERS}/me", headers=bearer(tokens)) for client in reversed(self.clients)
        ]
        return [answer.status_code for answer in me]

    def refresh(self, worker: int, token: str) -> httpx2.Response:
        return self.clients[worker].post(f"{AUTH}/refresh", json={"refresh_token": token})


def bearer(tokens: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens['access_token']}"}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(tmp_path_factory.mktemp("auth"), patterns=("database", "auth"))


@pytest.fixture(scope="module")
def workers(project: Path, environment: Environment) -> Iterator[Workers]:
    with POSTGRESQL.database(environment) as database:
        variables = {**VARIABLES, **FIRST_ADMIN, "DATABASE_URL": POSTGRESQL.url + database}
        environment.migrate(project, variables)
        environment.make_admin(project, variables)
        with (
            serve(project, environment, env=variables) as first,
            serve(project, environment, env=variables) as second,
            httpx2.Client(base_url=first.url, timeout=30) as one,
            httpx2.Client(base_url=second.url, timeout=30) as other,
        ):
            yield Workers((first, second), (one, other))


@pytest.fixture
def user(workers: Workers) -> dict[str, Any]:
    registered = workers.clients[0].post(
        f"{AUTH}/register", json={"email": new_email(), "password": PASSWORD}
    )
    assert registered.status_code == 201, registered.text
    found: dict[str, Any] = registered.json()
    return found


def test_of_racing_registrations_of_one_address_one_wins(workers: Workers) -> None:
    address = new_email()

    def register(number: int) -> int:
        email = address.upper() if number % 3 else address
        return (
            workers.clients[number % 2]
            .post(f"{AUTH}/register", json={"email": email, "password": PASSWORD})
            .status_code
        )

    with ThreadPoolExecutor(30) as pool:
        statuses = Counter(pool.map(register, range(50)))

    assert statuses == {201: 1, 409: 49}


def test_parallel_refreshes_leave_one_living_child(workers: Workers, user: dict[str, Any]) -> None:
    token = workers.sign_in(user["email"])["refresh_token"]

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda number: workers.refresh(number % 2, token), range(50)))

    assert Counter(answer.status_code for answer in answers) == {200: 50}
    children = {answer.json()["refresh_token"] for answer in answers}
    assert len(children) == 1
    assert workers.refresh(1, children.pop()).status_code == 200


def test_users_sign_in_at_the_same_time_on_mariadb(project: Path, environment: Environment) -> None:
    """A sign-in is a form, which is not sent again after a deadlock."""
    emails = [new_email() for _ in range(20)]
    with MARIADB.database(environment) as database:
        variables = {**VARIABLES, "DATABASE_URL": MARIADB.url + database}
        environment.migrate(project, variables)
        with serve(project, environment, env=variables) as server:
            auth = f"{server.url}{AUTH}"
            for email in emails:
                CLIENT.post(f"{auth}/register", json={"email": email, "password": PASSWORD})

            def sign_in(email: str) -> int:
                form = {"username": email, "password": PASSWORD}
                return CLIENT.post(f"{auth}/token", data=form).status_code

            with ThreadPoolExecutor(20) as pool:
                statuses = Counter(pool.map(sign_in, emails * 3))

    assert statuses == {200: 60}


def log_out(workers: Workers, _user: dict[str, Any], tokens: dict[str, Any]) -> httpx2.Response:
    body = {"refresh_token": tokens["refresh_token"]}
    return workers.clients[0].post(f"{AUTH}/logout", headers=bearer(tokens), json=body)


def change_password(
    workers: Workers, _user: dict[str, Any], tokens: dict[str, Any]
) -> httpx2.Response:
    body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    return workers.clients[0].post(f"{AUTH}/password", headers=bearer(tokens), json=body)


def leave(workers: Workers, _user: dict[str, Any], tokens: dict[str, Any]) -> httpx2.Response:
    return workers.clients[0].delete(f"{USERS}/me", headers=bearer(tokens))


def disable(workers: Workers, user: dict[str, Any], _tokens: dict[str, Any]) -> httpx2.Response:
    admin = bearer(workers.sign_in(ADMIN_EMAIL, ADMIN_PASSWORD))
    return workers.clients[0].patch(
        f"{USERS}/{user['id']}", headers=admin, json={"is_active": False}
    )


def promote(workers: Workers, user: dict[str, Any], _tokens: dict[str, Any]) -> httpx2.Response:
    admin = bearer(workers.sign_in(ADMIN_EMAIL, ADMIN_PASSWORD))
    return workers.clients[0].patch(f"{USERS}/{user['id']}", headers=admin, json={"role": "admin"})


def delete(workers: Workers, user: dict[str, Any], _tokens: dict[str, Any]) -> httpx2.Response:
    admin = bearer(workers.sign_in(ADMIN_EMAIL, ADMIN_PASSWORD))
    return workers.clients[0].delete(f"{USERS}/{user['id']}", headers=admin)


Ending = Callable[[Workers, dict[str, Any], dict[str, Any]], httpx2.Response]


@pytest.mark.parametrize("end", [log_out, change_password, leave, disable, promote, delete])
def test_sessions_end_at_once_in_every_worker(
    workers: Workers, user: dict[str, Any], end: Ending
) -> None:
    tokens = workers.sign_in(user["email"])
    assert workers.statuses(tokens) == [200, 200]

    assert end(workers, user, tokens).status_code in (200, 204)

    assert workers.statuses(tokens) == [401, 401]
    assert workers.refresh(1, tokens["refresh_token"]).status_code == 401


def test_a_stolen_token_ends_the_session_in_every_worker(
    workers: Workers, user: dict[str, Any]
) -> None:
    first = workers.sign_in(user["email"])
    second = workers.refresh(0, first["refresh_token"]).json()
    third = workers.refresh(1, second["refresh_token"]).json()

    assert workers.refresh(1, first["refresh_token"]).status_code == 401

    assert workers.statuses(third) == [401, 401]
    assert workers.refresh(0, third["refresh_token"]).status_code == 401
    assert "refresh_token_reused" in workers.servers[1].output


def test_users_disabled_during_login_have_no_valid_token(
    workers: Workers, user: dict[str, Any]
) -> None:
    """However the two interleave, no token is good afterwards."""
    admin = bearer(workers.sign_in(ADMIN_EMAIL, ADMIN_PASSWORD))
    form = {"username": user["email"], "password": PASSWORD}
    url = f"{USERS}/{user['id']}"

    def sign_in(number: int) -> httpx2.Response:
        return workers.clients[number % 2].post(f"{AUTH}/token", data=form)

    with ThreadPoolExecutor(20) as pool:
        coming = [pool.submit(sign_in, number) for number in range(20)]
        disabled = workers.clients[1].patch(url, headers=admin, json={"is_active": False})
        answers = [each.result() for each in coming]

    assert disabled.status_code == 200
    assert {answer.status_code for answer in answers} <= {200, 401, 429}
    for answer in answers:
        if answer.status_code == 200:
            assert workers.statuses(answer.json()) == [401, 401]


CHANGES: dict[str, dict[str, Any]] = {
    "demoted": {"method": "PATCH", "json": {"role": "user"}},
    "disabled": {"method": "PATCH", "json": {"is_active": False}},
    "deleted": {"method": "DELETE"},
}


@pytest.mark.parametrize("change", [*CHANGES.values()], ids=[*CHANGES])
def test_of_two_admins_who_change_each_other_one_remains(
    workers: Workers, change: dict[str, Any]
) -> None:
    for _ in range(5):
        admins = [new_admin(workers) for _ in range(2)]
        tokens = [workers.sign_in(admin["email"]) for admin in admins]

        def change_the_other(number: int, admins: Any = admins, tokens: Any = tokens) -> int:
            url = f"{USERS}/{admins[1 - number]['id']}"
            client = workers.clients[number]
            return client.request(url=url, headers=bearer(tokens[number]), **change).status_code

        with ThreadPoolExecutor(2) as pool:
            statuses = sorted(pool.map(change_the_other, range(2)))

        assert statuses in ([200, 401], [204, 401])


def new_admin(workers: Workers) -> dict[str, Any]:
    user = {"email": new_email(), "password": PASSWORD}
    admin: dict[str, Any] = workers.clients[0].post(f"{AUTH}/register", json=user).json()
    assert promote(workers, admin, {}).status_code == 200
    return admin


def test_a_burst_of_guesses_is_limited(workers: Workers, user: dict[str, Any]) -> None:
    def guess(number: int) -> httpx2.Response:
        form = {"username": user["email"], "password": f"a wrong one {number}"}
        return workers.clients[0].post(f"{AUTH}/token", data=form)

    with ThreadPoolExecutor(30) as pool:
        answers = list(pool.map(guess, range(30)))

    # Two are compared at a time, so one more may slip through.
    statuses = Counter(answer.status_code for answer in answers)
    assert statuses.keys() == {401, 429}
    assert 5 <= statuses[401] <= 6
    limited = [answer for answer in answers if answer.status_code == 429]
    assert all(int(answer.headers["retry-after"]) > 0 for answer in limited)


def test_a_key_that_postgresql_cannot_compare_is_refused(workers: Workers) -> None:
    for key in ("%00.x", "x.%00", "%ED%A0%80.x"):
        assert workers.clients[0].get(f"{USERS}/me?api_key={key}").status_code == 401


def test_a_token_of_any_size_is_turned_away(workers: Workers) -> None:
    for size in (4_000, 60_000, 100_000):
        with socket.create_connection(("127.0.0.1", workers.servers[0].port)) as connection:
            head = f"GET {USERS}/me HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
            token = "x" * size
            connection.sendall(f"{head}Authorization: Bearer {token}\r\n\r\n".encode())
            status = connection.recv(64).split()[1]

        # The server itself has a limit too.
        assert status in (b"401", b"400", b"431"), size
