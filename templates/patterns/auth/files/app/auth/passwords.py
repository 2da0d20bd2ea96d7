"""Password rules, and Argon2 hashes."""

import secrets
import unicodedata
from collections.abc import Awaitable, Callable
from pathlib import Path

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from app.auth.settings import AuthSettings

MIN_LENGTH = 8
MAX_LENGTH = 128

# In lower case; shorter ones are refused anyway.
COMMON_PASSWORDS = frozenset(Path(__file__).with_name("common_passwords.txt").read_text().split())


def normalize_password(password: str) -> str:
    """One form of characters that keyboards compose differently (NFKC)."""
    return unicodedata.normalize("NFKC", password)


def is_common(password: str) -> bool:
    """Whether attackers would try it first."""
    text = normalize_password(password).casefold()
    return text in COMMON_PASSWORDS or len(set(text)) <= 2  # aaaaaaaa, abababab


class PasswordHasher:
    """Argon2id in a limited number of threads, so that it cannot use all processors."""

    def __init__(self, settings: AuthSettings) -> None:
        argon2 = Argon2Hasher(
            time_cost=settings.argon2_time_cost,
            memory_cost=settings.argon2_memory_kib,
            parallelism=1,  # each hash has a thread
        )
        self._hasher = PasswordHash([argon2])
        self._limiter = CapacityLimiter(settings.password_threads)
        # Verified for unknown users, so that the response takes as long as for known ones.
        self._dummy = self._hasher.hash(secrets.token_urlsafe())

    async def hash(self, password: str) -> str:
        return await run_sync(
            self._hasher.hash, normalize_password(password), limiter=self._limiter
        )

    async def verify(
        self, password: str, known: str | None, *, before: Callable[[], Awaitable[None]]
    ) -> tuple[bool, str | None]:
        """Whether a password is right, and a new hash if the stored one is cheaper than configured.

        Without a stored hash it takes as long, and the password is wrong.
        `before` runs as soon as a thread is free, and may raise: while a request waits, the
        failures of others are counted.
        """
        async with self._limiter:
            await before()
            verified = await run_sync(
                self._hasher.verify_and_update,
                normalize_password(password),
                known or self._dummy,
                limiter=CapacityLimiter(1),
            )
        return verified if known else (False, None)
