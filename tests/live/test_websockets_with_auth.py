"""Rooms for users, over two processes: who may enter, and for how long."""

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from websockets.exceptions import InvalidStatus

from tests.environment import Environment
from tests.live.realtime import Workers, working
from tests.live.sockets import close_code, entering, hear, say
from tests.services import POSTGRESQL
from tests.support import generate

PASSWORD = "a tall ship at dawn"
ADMIN = {"FIRST_ADMIN_EMAIL": "admin@example.com", "FIRST_ADMIN_PASSWORD": PASSWORD}


@dataclass(frozen=True)
class User:
    """Somebody who is signed in."""

    client: httpx2.Client
    email: str
    refresh_token: str

    @property
    def subprotocols(self) -> list[str]:
        """The token, as a browser can send it."""
        return [f"bearer.{self.client.headers['Authorization'].removeprefix('Bearer ')}"]

    def ticket(self, room: str = "lobby") -> str:
        """For the address of a room."""
        answer = self.client.post("/api/v1/ws/ticket", json={"room": room})
        return f"?ticket={answer.json()['ticket']}"

    def number(self) -> int:
        return int(self.client.get("/api/v1/users/me").json()["id"])


@contextmanager
def working_for_users(
    folder: Path, environment: Environment, seconds: int = 900
) -> Iterator[Workers]:
    """Two processes over one PostgreSQL, with tokens that are good for so long."""
    project = generate(folder, patterns=("database", "auth", "websockets"))
    with POSTGRESQL.database(environment) as database:
        variables = {
            "DATABASE_URL": f"{POSTGRESQL.url}{database}",
            "ACCESS_TOKEN_TTL_SECONDS": str(seconds),
            "ARGON2_MEMORY_KIB": "64",
            "SECRET_KEY": "only-for-tests-0123456789-abcdefghijklmnop",
            **ADMIN,
        }
        environment.migrate(project, variables)
        environment.make_admin(project, variables)
        with working(project, environment, variables) as workers:
            yield workers


@pytest.fixture(scope="module")
def workers(
    tmp_path_factory: pytest.TempPathFactory, environment: Environment
) -> Iterator[Workers]:
    with working_for_users(tmp_path_factory.mktemp("users"), environment) as workers:
        yield workers


@contextmanager
def signed_in(workers: Workers, email: str | None = None) -> Iterator[User]:
    """A new user, or the one with that address."""
    with httpx2.Client(base_url=workers.servers[0].url, timeout=60) as client:
        if email is None:
            email = f"ann{os.urandom(4).hex()}@example.com"
            account = {"email": email, "password": PASSWORD}
            assert client.post("/api/v1/auth/register", json=account).status_code == 201
        form = {"username": email, "password": PASSWORD}
        tokens = client.post("/api/v1/auth/token", data=form).json()
        client.headers["Authorization"] = f"Bearer {tokens['access_token']}"
        yield User(client, email, tokens["refresh_token"])


@pytest.fixture
def user(workers: Workers) -> Iterator[User]:
    with signed_in(workers) as user:
        yield user


@pytest.fixture
def stranger(workers: Workers) -> Iterator[User]:
    with signed_in(workers) as user:
        yield user


@pytest.fixture
def admin(workers: Workers) -> Iterator[User]:
    with signed_in(workers, ADMIN["FIRST_ADMIN_EMAIL"]) as user:
        yield user


def test_a_ticket_is_good_once_in_whichever_worker(workers: Workers, user: User) -> None:
    one, other = workers.servers
    ticket = user.ticket()

    async def run() -> None:
        async with entering(other, query=ticket) as client:
            await say(client, "hi")
            assert (await hear(client))["sender"] == f"user-{user.number()}"
        for server in (one, other):
            with pytest.raises(InvalidStatus) as refused:
                async with entering(server, query=ticket):
                    pass
            assert refused.value.response.status_code == 401

    asyncio.run(run())
    output = one.output + other.output
    assert ticket.partition("=")[2] not in output
    assert "without completing handshake" not in output


def test_of_many_who_hold_one_ticket_one_enters(workers: Workers, user: User) -> None:
    ticket = user.ticket()

    async def enter(number: int) -> bool:
        try:
            async with entering(workers.servers[number % 2], query=ticket):
                return True
        except InvalidStatus:
            return False

    async def run() -> list[bool]:
        return await asyncio.gather(*map(enter, range(20)))

    assert sum(asyncio.run(run())) == 1


def log_out(user: User, _admin: User) -> httpx2.Response:
    return user.client.post("/api/v1/auth/logout", json={"refresh_token": user.refresh_token})


def change_password(user: User, _admin: User) -> httpx2.Response:
    change = {"current_password": PASSWORD, "new_password": "another ship at dusk"}
    return user.client.post("/api/v1/auth/password", json=change)


def leave_for_good(user: User, _admin: User) -> httpx2.Response:
    return user.client.delete("/api/v1/users/me")


def be_disabled(user: User, admin: User) -> httpx2.Response:
    return admin.client.patch(f"/api/v1/users/{user.number()}", json={"is_active": False})


@pytest.mark.parametrize("end", [log_out, change_password, leave_for_good, be_disabled])
def test_logout_in_one_worker_closes_sockets_in_both(
    workers: Workers,
    user: User,
    stranger: User,
    admin: User,
    end: Callable[[User, User], httpx2.Response],
) -> None:
    """However they have come in; others stay, and an unused ticket is worth nothing any more."""
    one, other = workers.servers

    async def run() -> None:
        unused = user.ticket()
        async with (
            entering(one, query=user.ticket()) as by_ticket,
            entering(other, subprotocols=user.subprotocols) as by_token,
            entering(other, subprotocols=stranger.subprotocols) as staying,
        ):
            answer = await asyncio.to_thread(end, user, admin)
            assert answer.is_success
            assert [await close_code(client) for client in (by_ticket, by_token)] == [4401] * 2
            await say(staying, "hi")
            assert (await hear(staying))["text"] == "hi"
        for options in ({"query": unused}, {"subprotocols": user.subprotocols}):
            with pytest.raises(InvalidStatus) as refused:
                async with entering(one, **options):
                    pass
            assert refused.value.response.status_code == 401

    asyncio.run(run())


def test_a_socket_ends_with_its_token(tmp_path: Path, environment: Environment) -> None:
    async def run(workers: Workers, user: User) -> list[int]:
        one, other = workers.servers
        async with (
            entering(one, query=user.ticket()) as by_ticket,
            entering(other, subprotocols=user.subprotocols) as by_token,
        ):
            return [await close_code(client) for client in (by_ticket, by_token)]

    with working_for_users(tmp_path, environment, seconds=5) as workers:
        codes: list[int] = []
        while not codes:
            # On a busy machine, a token may expire before both sockets are open.
            with signed_in(workers) as user, suppress(InvalidStatus, KeyError):
                codes = asyncio.run(run(workers, user))

    assert codes == [4401, 4401]
