"""Items over HTTP."""

from typing import Any

import pytest
from httpx2 import AsyncClient

from tests.factories.item import item_data

URL = "/api/v1/items"
BAD_VALUES: list[dict[str, Any]] = [
    {"name": ""},
    {"name": "x" * 81},
    {"name": "\x00"},
    {"name": "Admin"},
    {"name": "Root"},
    {"description": "x" * 501},
    {"description": "\x00"},
    {"price": "NaN"},
    {"price": -1},
    {"status": "nonsense"},
    {"id": 7},
    {"nonsense": True},
]
BAD_QUERIES = [
    "page=0",
    "size=0",
    "size=101",
    "sort=nonsense",
    "nonsense=1",
    "q=%00",
    "created_from=0",
    "created_from=2030-01-02T00:00:00Z&created_before=2030-01-01T00:00:00Z",
]


async def create(client: AsyncClient, /, **changes: Any) -> dict[str, Any]:
    response = await client.post(URL, json=item_data(**changes))
    assert response.status_code == 201, response.text
    created: dict[str, Any] = response.json()
    return created


class TestCreate:
    async def test_missing_fields_are_named(self, client: AsyncClient) -> None:
        response = await client.post(URL, json={})

        assert response.status_code == 422
        missing = [error["loc"][-1] for error in response.json()["errors"]]
        assert missing == ["name", "price"]

    async def test_bad_values_are_refused(
        self, client: AsyncClient, subtests: pytest.Subtests
    ) -> None:
        for changes in BAD_VALUES:
            with subtests.test(changes=changes):
                response = await client.post(URL, json=item_data(**changes))

                assert response.status_code == 422
                assert response.json()["code"] == "validation_error"

    async def test_created(self, client: AsyncClient) -> None:
        data = item_data()

        response = await client.post(URL, json=data)

        assert response.status_code == 201
        created = response.json()
        assert response.headers["location"] == f"{URL}/{created['id']}"
        assert created.items() >= data.items()
        assert (await client.get(response.headers["location"])).json() == created

    @pytest.mark.parametrize(
        ("field", "number"),
        [
            ("price", "12.50"),
        ],
    )
    async def test_a_decimal_has_one_form(
        self, client: AsyncClient, field: str, number: str
    ) -> None:
        created = await create(client, **{field: float(number)})
        url = f"{URL}/{created['id']}"

        read = await client.get(url)
        patched = await client.patch(url, json={field: float(number)})

        assert created[field] == read.json()[field] == patched.json()[field] == number


class TestRead:
    async def test_not_existing(self, client: AsyncClient) -> None:
        response = await client.get(f"{URL}/1")

        assert response.status_code == 404
        assert response.json()["code"] == "not_found"

    async def test_impossible_ids(self, client: AsyncClient) -> None:
        for bad_id in ("0", "-1", "x", "99999999999999999999"):
            assert (await client.get(f"{URL}/{bad_id}")).status_code == 422, bad_id

    async def test_unchanged_since(self, client: AsyncClient) -> None:
        created = await create(client)
        first = await client.get(f"{URL}/{created['id']}")

        again = await client.get(
            f"{URL}/{created['id']}", headers={"If-None-Match": first.headers["etag"]}
        )

        assert (again.status_code, again.content) == (304, b"")

    async def test_head_has_no_body(self, client: AsyncClient) -> None:
        created = await create(client)

        response = await client.head(f"{URL}/{created['id']}")

        assert response.status_code == 200
        assert response.headers["etag"] == '"1"'


class TestList:
    async def test_bad_queries_are_refused(
        self, client: AsyncClient, subtests: pytest.Subtests
    ) -> None:
        for query in BAD_QUERIES:
            with subtests.test(query=query):
                assert (await client.get(f"{URL}?{query}")).status_code == 422

    async def test_pages(self, client: AsyncClient) -> None:
        created = [await create(client) for _ in range(3)]

        page = (await client.get(f"{URL}?sort=id&page=2&size=2")).json()

        assert page == {"items": created[2:], "total": 3, "page": 2, "size": 2, "pages": 2}

    async def test_sorting(self, client: AsyncClient) -> None:
        created = [await create(client) for _ in range(3)]

        page = (await client.get(f"{URL}?sort=-id")).json()

        assert page["items"] == created[::-1]

    async def test_creation_range(self, client: AsyncClient) -> None:
        created = await create(client)

        since = await client.get(f"{URL}?created_from={created['created_at']}")
        before = await client.get(f"{URL}?created_before={created['created_at']}")

        assert (since.json()["total"], before.json()["total"]) == (1, 0)

    async def test_search_in_name(self, client: AsyncClient) -> None:
        await create(client, name="one")
        wanted = await create(client, name="two")
        query = {"q": "two"}

        page = (await client.get(URL, params=query)).json()

        assert page["items"] == [wanted]

    async def test_search_in_description(self, client: AsyncClient) -> None:
        await create(client, description="one")
        wanted = await create(client, description="two")
        query = {"q": "two"}

        page = (await client.get(URL, params=query)).json()

        assert page["items"] == [wanted]

    @pytest.mark.parametrize(
        ("field", "other", "value", "query"),
        [
            ("description", "two", None, {"description_is_null": True}),
            ("description", None, "two", {"description_is_null": False}),
            ("price", "7.25", "12.50", {"price_min": "12.50"}),
            ("price", "12.50", "7.25", {"price_max": "7.25"}),
            ("status", "draft", "active", {"status": "active"}),
        ],
    )
    async def test_filters(
        self, client: AsyncClient, field: str, other: Any, value: Any, query: Any
    ) -> None:
        await create(client, **{field: other})
        wanted = await create(client, **{field: value})

        for path in (URL, f"{URL}/cursor"):
            page = (await client.get(path, params=query)).json()

            assert page["items"] == [wanted], path


class TestCursor:
    async def test_a_forged_cursor_is_refused(self, client: AsyncClient) -> None:
        response = await client.get(f"{URL}/cursor?cursor=forged")

        assert response.status_code == 422

    async def test_every_row_once_while_rows_are_added(self, client: AsyncClient) -> None:
        created = [await create(client) for _ in range(3)]
        first = (await client.get(f"{URL}/cursor?size=2")).json()
        created.append(await create(client))

        query = {"size": 2, "cursor": first["next_cursor"]}
        second = (await client.get(f"{URL}/cursor", params=query)).json()

        assert first["items"] + second["items"] == created
        assert second["next_cursor"] is None


class TestReplace:
    async def test_not_existing(self, client: AsyncClient) -> None:
        response = await client.put(f"{URL}/1", json=item_data())

        assert response.status_code == 404

    async def test_replaced(self, client: AsyncClient) -> None:
        created = await create(client)
        other = item_data(name="two")

        response = await client.put(f"{URL}/{created['id']}", json=other)

        assert response.status_code == 200
        assert response.headers["etag"] == '"2"'
        assert response.json().items() >= other.items()

    async def test_an_update_is_not_lost(self, client: AsyncClient) -> None:
        data = item_data()
        url = f"{URL}/{(await create(client, **data))['id']}"
        seen = {"If-Match": (await client.get(url)).headers["etag"]}
        same = await client.put(url, json=data, headers=seen)
        other = item_data(name="two")
        await client.put(url, json=other, headers=seen)

        response = await client.put(url, json=item_data(), headers=seen)

        assert same.headers["etag"] == seen["If-Match"]
        assert response.status_code == 412
        assert response.json()["code"] == "precondition_failed"


class TestPatch:
    async def test_not_existing(self, client: AsyncClient) -> None:
        assert (await client.patch(f"{URL}/1", json={})).status_code == 404

    async def test_absent_fields_are_unchanged(self, client: AsyncClient) -> None:
        created = await create(client)

        response = await client.patch(f"{URL}/{created['id']}", json={})

        assert response.status_code == 200
        assert response.json() == {**created, "updated_at": response.json()["updated_at"]}

    async def test_sent_fields_are_changed(self, client: AsyncClient) -> None:
        created = await create(client)
        changes = {"name": "two"}

        response = await client.patch(f"{URL}/{created['id']}", json=changes)

        assert response.status_code == 200
        assert response.json().items() >= changes.items()

    async def test_name_cannot_be_null(self, client: AsyncClient) -> None:
        created = await create(client)
        changes = {"name": None}

        response = await client.patch(f"{URL}/{created['id']}", json=changes)

        assert response.status_code == 422

    async def test_price_cannot_be_null(self, client: AsyncClient) -> None:
        created = await create(client)
        changes = {"price": None}

        response = await client.patch(f"{URL}/{created['id']}", json=changes)

        assert response.status_code == 422

    async def test_description_can_be_emptied(self, client: AsyncClient) -> None:
        created = await create(client, description="two")
        changes = {"description": None}

        response = await client.patch(f"{URL}/{created['id']}", json=changes)

        assert response.status_code == 200
        assert response.json()["description"] is None

    async def test_an_update_is_not_lost(self, client: AsyncClient) -> None:
        url = f"{URL}/{(await create(client))['id']}"

        response = await client.patch(url, json={}, headers={"If-Match": '"7"'})

        assert response.status_code == 412


class TestDelete:
    async def test_not_existing(self, client: AsyncClient) -> None:
        assert (await client.delete(f"{URL}/1")).status_code == 404

    async def test_deleted(self, client: AsyncClient) -> None:
        url = f"{URL}/{(await create(client))['id']}"

        response = await client.delete(url, headers={"If-Match": '"1"'})

        assert (response.status_code, response.content) == (204, b"")
        assert (await client.get(url)).status_code == 404

    async def test_a_changed_row_is_not_deleted(self, client: AsyncClient) -> None:
        url = f"{URL}/{(await create(client))['id']}"

        assert (await client.delete(url, headers={"If-Match": '"7"'})).status_code == 412
