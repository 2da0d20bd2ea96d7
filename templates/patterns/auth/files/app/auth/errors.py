"""Errors of authentication and authorization."""

from collections.abc import Iterable

from app.core.errors import AppError, Forbidden


class Unauthorized(AppError):
    """The client is not authenticated. Messages give no reason that helps attackers to guess."""

    status = 401

    def __init__(self, detail: str, *, error: str = "") -> None:
        challenge = f'Bearer error="{error}"' if error else "Bearer"
        super().__init__(detail, headers={"WWW-Authenticate": challenge})


class InvalidToken(Unauthorized):
    """A token or an API key that is invalid, expired or revoked."""

    def __init__(self) -> None:
        super().__init__("The token is invalid, expired or revoked.", error="invalid_token")


class MissingScope(Forbidden):
    """The token or the API key lacks a scope."""

    def __init__(self, scopes: Iterable[str]) -> None:
        required = " ".join(scopes)
        super().__init__(
            f"Required scope: {required}.",
            headers={"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{required}"'},
        )
