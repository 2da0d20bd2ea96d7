"""Creates users for tests, and signs clients in."""

from itertools import count
from typing import Any

from httpx2 import ASGITransport, AsyncClient
from starlette.types import ASGIApp

from app.auth.models import User
from app.auth.principal import Role

PASSWORD = "a tall ship at dawn"
AUTH = "/api/v1/auth"
USERS = "/api/v1/users"

numbers = count(1)


def new_email() -> str:
    """An e-mail address that no user has."""
    return f"user{next(numbers)}@example.com"


def new_user(**changes: Any) -> User:
    """A user to add to the database; no password matches."""
    values = {"password_hash": "the hash", "role": Role.USER, "is_active": True, **changes}
    return User(email=new_email(), **values)


async def register(client: AsyncClient, email: str | None = None, **fields: Any) -> dict[str, Any]:
    """Register a user, by default with a new address; returns the body of the response."""
    user = {"email": email or new_email(), "password": PASSWORD, **fields}
    response = await client.post(f"{AUTH}/register", json=user)
    assert response.status_code == 201, response.text
    registered: dict[str, Any] = response.json()
    return registered


async def get_tokens(client: AsyncClient, email: str, scope: str = "") -> dict[str, Any]:
    form = {"username": email, "password": PASSWORD, "scope": scope}
    response = await client.post(f"{AUTH}/token", data=form)
    assert response.status_code == 200, response.text
    tokens: dict[str, Any] = response.json()
    return tokens


def bearer(tokens: dict[str, Any]) -> dict[str, str]:
    """The header `Authorization` with these tokens."""
    return {"Authorization": f"Bearer {tokens['access_token']}"}


async def sign_in(client: AsyncClient) -> None:
    """Register a new user, and sign the client in."""
    user = await register(client)
    tokens = await get_tokens(client, user["email"])
    if "access_token" in tokens:  # with SESSION_COOKIES they are in cookies
        client.headers.update(bearer(tokens))


def another_client(client: AsyncClient, address: str = "127.0.0.1") -> AsyncClient:
    """A client of the same application that has not signed in, at an IP address."""
    transport = client._transport
    assert isinstance(transport, ASGITransport)
    return anonymous_client(transport.app, address)


def anonymous_client(app: ASGIApp, address: str = "127.0.0.1") -> AsyncClient:
    """A client of an application that has not signed in, at an IP address."""
    transport = ASGITransport(app, client=(address, 50_000))
    return AsyncClient(transport=transport, base_url="https://test")
