"""Why a caller is turned away."""

from collections.abc import Iterable

from app.core.errors import AppError


class Unauthorized(AppError):
    """Nobody knows who is calling; the reason is not told, since guessing would get easier."""

    status = 401

    def __init__(self, detail: str, *, error: str = "") -> None:
        challenge = f'Bearer error="{error}"' if error else "Bearer"
        super().__init__(detail, headers={"WWW-Authenticate": challenge})


class BadToken(Unauthorized):
    """A token, or a key, that is not good, or not good any more."""

    def __init__(self) -> None:
        super().__init__("This token is not valid, or not any more.", error="invalid_token")


class Forbidden(AppError):
    """The caller is known, and may not do this."""

    status = 403


class MissingScope(Forbidden):
    """The token, or the key, was made for less."""

    def __init__(self, scopes: Iterable[str]) -> None:
        needed = " ".join(scopes)
        super().__init__(
            f"This needs the scope: {needed}.",
            headers={"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{needed}"'},
        )


class RateLimited(AppError):
    """Too many attempts; `retry_after` is in seconds."""

    status = 429

    def __init__(self, *, retry_after: int) -> None:
        super().__init__(
            "There were too many attempts: wait, then try again.",
            headers={"Retry-After": str(retry_after)},
        )
