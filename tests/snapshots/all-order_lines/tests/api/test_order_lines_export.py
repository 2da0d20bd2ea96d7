"""Exports of order lines."""

import csv
import json
from io import StringIO
from typing import Any

from httpx2 import AsyncClient

from tests.factories.order_line import order_line_data

URL = "/api/v1/order-lines"


async def create(client: AsyncClient) -> dict[str, Any]:
    response = await client.post(URL, json=order_line_data())
    row: dict[str, Any] = response.json()
    return row


async def test_every_row_is_a_line(client: AsyncClient) -> None:
    created = [await create(client) for _ in range(3)]

    lines = await client.get(f"{URL}/export.jsonl")
    table = await client.get(f"{URL}/export.csv")

    assert [json.loads(line) for line in lines.text.splitlines()] == created
    rows = list(csv.DictReader(StringIO(table.text, newline="")))
    assert [row["id"] for row in rows] == [str(row["id"]) for row in created]
    assert list(rows[0]) == list(created[0])


async def test_an_export_may_be_empty(client: AsyncClient) -> None:
    assert (await client.get(f"{URL}/export.jsonl")).text == ""
    assert (await client.get(f"{URL}/export.csv")).text.startswith("id,")
