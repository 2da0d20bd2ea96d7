"""Streams in the OpenAPI document."""

from httpx2 import AsyncClient


async def test_events_have_no_schema(client: AsyncClient) -> None:
    """OpenAPI 3.1 has no `itemSchema`, with which FastAPI describes events."""
    document = await client.get("/openapi.json")

    assert "itemSchema" not in document.text
    responses = document.json()["paths"]["/api/v1/completions"]["post"]["responses"]
    described = responses["200"]["content"]["text/event-stream"]
    assert described == {"schema": {"description": "A stream of server-sent events."}}
