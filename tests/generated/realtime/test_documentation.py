"""Streams in the OpenAPI document."""

from httpx2 import AsyncClient


async def test_streams_are_texts(client: AsyncClient) -> None:
    """OpenAPI 3.1 has no `itemSchema`, with which FastAPI describes events."""
    document = await client.get("/openapi.json")

    assert "itemSchema" not in document.text
    responses = document.json()["paths"]["/api/v1/completions"]["post"]["responses"]
    assert responses["200"]["content"]["text/event-stream"] == {"schema": {"type": "string"}}
