"""Connections of the database pools."""

from collections.abc import Iterator

from fastapi import FastAPI
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from sqlalchemy.pool import QueuePool

from app.lifespan import State
from app.metrics.setup import metrics_of


def measure_pools(app: FastAPI) -> None:
    metrics_of(app).sources.append(read_pools)


def read_pools(state: State) -> Iterator[Metric]:
    """Connections by pool and state, and the size of each pool."""
    database = state["database"]
    connections = GaugeMetricFamily(
        "database_pool_connections", "Open connections.", labels=["pool", "state"]
    )
    limits = GaugeMetricFamily("database_pool_size", "Connections at most.", labels=["pool"])
    for name, engine in (("reads", database.reads), ("writes", database.writes)):
        pool = engine.pool
        if isinstance(pool, QueuePool):
            connections.add_metric([name, "used"], pool.checkedout())
            connections.add_metric([name, "idle"], pool.checkedin())
            limits.add_metric([name], pool.size())
    yield connections
    yield limits
