"""What the pattern promises."""

from httpx2 import AsyncClient

from tests.factories.item import item_data

URL = "/api/v1/items"


async def test_the_resource_is_open_and_ready(client: AsyncClient) -> None:
    assert (await client.get("/api/v1/stock")).json() == "main"
    assert (await client.get("/ready")).json()["checks"] == {"stock": "ok"}


async def test_another_tenant_s_rows_are_not_there(client: AsyncClient) -> None:
    created = await client.post(URL, json=item_data())
    location = created.headers["location"]
    stranger = {"X-Tenant": "stranger"}

    assert (await client.get(location)).status_code == 200
    assert (await client.get(location, headers=stranger)).status_code == 404
    assert (await client.patch(location, json={}, headers=stranger)).status_code == 404
    assert (await client.delete(location, headers=stranger)).status_code == 404
    assert (await client.get(URL, headers=stranger)).json()["total"] == 0


async def test_the_tenant_is_not_taken_from_the_body(client: AsyncClient) -> None:
    response = await client.post(URL, json=item_data(tenant="stranger"))

    assert response.status_code == 422
