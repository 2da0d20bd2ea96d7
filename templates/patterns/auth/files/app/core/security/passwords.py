"""Hashes of passwords, which take long to guess from."""

import secrets
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from app.core.security.password_rules import normal
from app.core.security.settings import AuthSettings


class Verdict(NamedTuple):
    """Whether a password is right, and its new hash if the old one was too cheap to make."""

    is_right: bool
    better_hash: str | None


class PasswordHasher:
    """Argon2id in a few threads: nothing else waits for it, and no flood takes all processors."""

    def __init__(self, settings: AuthSettings) -> None:
        self._hasher = PasswordHash(
            [
                Argon2Hasher(
                    time_cost=settings.password_passes,
                    memory_cost=settings.password_memory_kib,
                    parallelism=settings.password_lanes,
                )
            ]
        )
        self._turns = CapacityLimiter(settings.password_threads)
        # Compared with when there is no such user, so that it takes as long as when there is.
        self._nobody = self._hasher.hash(secrets.token_urlsafe())

    async def hash(self, password: str) -> str:
        """The hash to store; it says how it was made."""
        return await run_sync(self._hasher.hash, normal(password), limiter=self._turns)

    async def verify(
        self, password: str, known: str | None, *, first: Callable[[], Awaitable[None]]
    ) -> Verdict:
        """Compare with a hash; without one it takes as long, and the password is wrong.

        `first` runs when it is our turn, and may raise: those who wait in line have not been
        counted when they came.
        """
        async with self._turns:
            await first()
            verdict = await run_sync(
                self._verify, normal(password), known or self._nobody, limiter=CapacityLimiter(1)
            )
        return verdict if known is not None else Verdict(is_right=False, better_hash=None)

    def _verify(self, password: str, known: str) -> Verdict:
        return Verdict(*self._hasher.verify_and_update(password, known))
