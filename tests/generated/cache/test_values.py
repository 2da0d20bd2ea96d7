"""Values are stored as JSON and keep their type."""

from functools import partial

from app.cache.cache import Cache


async def test_values_keep_their_type(cache: Cache) -> None:
    async def load() -> dict[str, tuple[int, ...]]:
        return {"a": (1, 2)}

    for _ in range(2):
        value = await cache.get_or_load("v", load, of=dict[str, tuple[int, ...]])
        assert value == {"a": (1, 2)}
    assert cache.counts["hits"] == 1


async def test_values_of_each_owner_are_apart(cache: Cache) -> None:
    async def load_for(user: int) -> int:
        return user

    for user in (1, 2, 1, 2):
        value = await cache.get_or_load("v", partial(load_for, user), of=int, per=user)
        assert value == user


async def test_a_value_of_another_type_is_loaded_again(cache: Cache) -> None:
    async def load_text() -> str:
        return "old"

    async def load_number() -> int:
        return 7

    await cache.get_or_load("v", load_text, of=str)

    assert await cache.get_or_load("v", load_number, of=int) == 7
