"""Reads the metrics as Prometheus does."""

from httpx2 import AsyncClient
from prometheus_client.parser import text_string_to_metric_families


async def scrape(client: AsyncClient) -> dict[tuple[str, ...], float]:
    """Value by the name of the sample and the values of its labels."""
    response = await client.get("/metrics")
    assert response.status_code == 200
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }
