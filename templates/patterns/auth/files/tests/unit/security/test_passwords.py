"""Hashes of passwords: what they cost, and who waits for them."""

import asyncio

import pytest

from app.core.security.common_passwords import COMMON_PASSWORDS
from app.core.security.password_rules import MIN_LENGTH, is_common
from app.core.security.passwords import PasswordHasher
from app.settings import Settings


async def nothing() -> None:
    """There is nothing to do first."""


@pytest.fixture
def hasher(settings: Settings) -> PasswordHasher:
    return PasswordHasher(settings)


async def test_right_and_wrong(hasher: PasswordHasher) -> None:
    known = await hasher.hash("a tall ship")

    assert known.startswith("$argon2id$")
    assert (await hasher.verify("a tall ship", known, first=nothing)).is_right
    assert not (await hasher.verify("a tall shiP", known, first=nothing)).is_right


async def test_nobody_has_no_password(hasher: PasswordHasher) -> None:
    verdict = await hasher.verify("a tall ship", None, first=nothing)

    assert verdict == (False, None)


async def test_two_users_with_one_password_have_two_hashes(hasher: PasswordHasher) -> None:
    assert await hasher.hash("a tall ship") != await hasher.hash("a tall ship")


async def test_a_cheap_hash_is_made_anew(settings: Settings) -> None:
    cheap = PasswordHasher(settings)
    costly = PasswordHasher(settings.model_copy(update={"password_passes": 2}))
    known = await cheap.hash("a tall ship")

    assert (await cheap.verify("a tall ship", known, first=nothing)).better_hash is None
    better = (await costly.verify("a tall ship", known, first=nothing)).better_hash
    assert better is not None
    assert "t=2" in better
    assert (await costly.verify("wrong", known, first=nothing)).better_hash is None


async def test_no_more_at_the_same_time_than_there_are_threads(settings: Settings) -> None:
    hasher = PasswordHasher(settings.model_copy(update={"password_threads": 2}))
    waiting = 0
    most = 0

    async def count() -> None:
        nonlocal waiting, most
        waiting += 1
        most = max(most, waiting)
        await asyncio.sleep(0)
        waiting -= 1

    await asyncio.gather(*(hasher.verify("wrong", None, first=count) for _ in range(10)))

    assert most == 2


def test_the_list_is_of_what_is_long_enough() -> None:
    assert len(COMMON_PASSWORDS) > 200
    assert all(len(word) >= MIN_LENGTH and word == word.casefold() for word in COMMON_PASSWORDS)


@pytest.mark.parametrize(
    "password", ["Password123", "QWERTYUIOP", "aaaaaaaaaaaa", "１２３４５６７８"]
)
def test_common(password: str) -> None:
    assert is_common(password)


def test_uncommon() -> None:
    assert not is_common("a tall ship at dawn")
