"""Hits and misses of the cache."""

from collections.abc import Iterator

from fastapi import FastAPI
from prometheus_client.metrics_core import CounterMetricFamily, Metric

from app.lifespan import State
from app.metrics.setup import metrics_of


def measure_cache(app: FastAPI) -> None:
    metrics_of(app).sources.append(read_cache)


def read_cache(state: State) -> Iterator[Metric]:
    """Look-ups by result: `hits`, `misses`, `loads` and `bypassed`."""
    family = CounterMetricFamily("cache_lookups", "Look-ups in the cache.", labels=["result"])
    for result, count in state["cache"].counts.items():
        family.add_metric([result], count)
    yield family
