"""Sign-in of a user."""

import uuid
from threading import Lock

from locust.clients import HttpSession

PASSWORD = "a long password of the load tests"  # noqa: S105  # it opens nothing

_lock = Lock()
_tokens: list[str] = []


def sign_in(client: HttpSession) -> None:
    """Send the token of one new user: registrations are limited."""
    with _lock:
        if not _tokens:
            _tokens.append(_token(client))
    client.headers["Authorization"] = f"Bearer {_tokens[0]}"


def _token(client: HttpSession) -> str:
    email = f"load-{uuid.uuid4().hex}@example.com"
    user = {"email": email, "password": PASSWORD}
    client.post("/api/v1/auth/register", json=user).raise_for_status()
    form = {"username": email, "password": PASSWORD}
    response = client.post("/api/v1/auth/token", data=form)
    response.raise_for_status()
    return str(response.json()["access_token"])
