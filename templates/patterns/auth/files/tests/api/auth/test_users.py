"""Users, for themselves and for admins."""

import pytest
from httpx2 import AsyncClient

from tests.accounts import USERS, another_client, bearer, get_tokens, register


async def test_me(anonymous: AsyncClient) -> None:
    user = await register(anonymous, full_name="Ann")
    tokens = await get_tokens(anonymous, user["email"])

    response = await anonymous.get(f"{USERS}/me", headers=bearer(tokens))

    assert response.json() == user


async def test_all(anonymous: AsyncClient, admin: AsyncClient) -> None:
    users = [await register(anonymous, f"ann{number}@example.com") for number in range(3)]

    page = (await admin.get(f"{USERS}?q=ann&sort=email&size=2")).json()

    assert page == {"items": users[:2], "total": 3, "page": 1, "size": 2, "pages": 2}


async def test_bad_queries_are_refused(admin: AsyncClient, subtests: pytest.Subtests) -> None:
    for query in ("sort=password_hash", "size=101", "nonsense=1"):
        with subtests.test(query=query):
            assert (await admin.get(f"{USERS}?{query}")).status_code == 422


BAD_CHANGES: list[dict[str, object]] = [
    {"email": "new@example.com"},
    {"password": "x"},
    {"role": "root"},
    {"is_active": None},
    {"is_active": 0},
]


async def test_invalid_changes_by_an_admin_are_refused(
    anonymous: AsyncClient, admin: AsyncClient, subtests: pytest.Subtests
) -> None:
    url = f"{USERS}/{(await register(anonymous))['id']}"

    for change in BAD_CHANGES:
        with subtests.test(change=change):
            assert (await admin.patch(url, json=change)).status_code == 422


async def test_not_existing(admin: AsyncClient) -> None:
    assert (await admin.patch(f"{USERS}/999", json={})).status_code == 404
    assert (await admin.delete(f"{USERS}/999")).status_code == 404


async def test_an_admin_is_always_left(admin: AsyncClient) -> None:
    own = f"{USERS}/{(await admin.get(f'{USERS}/me')).json()['id']}"

    assert (await admin.patch(own, json={"role": "user"})).status_code == 409
    assert (await admin.patch(own, json={"is_active": False})).status_code == 409
    assert (await admin.patch(own, json={"full_name": "Ann"})).status_code == 200
    assert (await admin.delete(own)).status_code == 409
    assert (await admin.delete(f"{USERS}/me")).status_code == 409


async def test_a_new_admin_signs_in_as_one(anonymous: AsyncClient, admin: AsyncClient) -> None:
    user = await register(anonymous)
    await admin.patch(f"{USERS}/{user['id']}", json={"role": "admin"})

    async with another_client(anonymous) as second:
        second.headers.update(bearer(await get_tokens(second, user["email"])))

        assert (await second.get(USERS)).status_code == 200
