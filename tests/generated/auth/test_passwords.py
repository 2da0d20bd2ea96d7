"""Hashes of passwords: what they cost, and who waits for them."""

import asyncio

import pytest

from app.auth.passwords import COMMON_PASSWORDS, MIN_LENGTH, PasswordHasher, is_common
from app.settings import Settings


async def nothing() -> None:
    """There is nothing to do first."""


@pytest.fixture
def hasher(settings: Settings) -> PasswordHasher:
    return PasswordHasher(settings)


async def test_right_and_wrong(hasher: PasswordHasher) -> None:
    known = await hasher.hash("a tall ship")

    assert known.startswith("$argon2id$")
    assert (await hasher.verify("a tall ship", known, before=nothing))[0]
    assert not (await hasher.verify("a tall shiP", known, before=nothing))[0]


async def test_nobody_has_no_password(hasher: PasswordHasher) -> None:
    verdict = await hasher.verify("a tall ship", None, before=nothing)

    assert verdict == (False, None)


async def test_two_users_with_one_password_have_two_hashes(hasher: PasswordHasher) -> None:
    assert await hasher.hash("a tall ship") != await hasher.hash("a tall ship")


async def test_a_cheap_hash_is_replaced(hasher: PasswordHasher) -> None:
    costly = PasswordHasher(Settings(argon2_time_cost=2))
    known = await hasher.hash("a tall ship")

    assert (await hasher.verify("a tall ship", known, before=nothing))[1] is None
    better = (await costly.verify("a tall ship", known, before=nothing))[1]
    assert better is not None
    assert "t=2" in better
    assert (await costly.verify("wrong", known, before=nothing))[1] is None


async def test_at_most_as_many_at_the_same_time_as_threads() -> None:
    hasher = PasswordHasher(Settings(password_threads=2))
    waiting = 0
    most = 0

    async def count() -> None:
        nonlocal waiting, most
        waiting += 1
        most = max(most, waiting)
        await asyncio.sleep(0)
        waiting -= 1

    await asyncio.gather(*(hasher.verify("wrong", None, before=count) for _ in range(10)))

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
