"""Adds the metrics to the application, and serves them at `/metrics`."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from hmac import compare_digest
from os import environ

from fastapi import FastAPI
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response

from app.lifespan import Connection, State
from app.metrics.requests import KeepScope, MeasureRequests, RequestMetrics

Source = Callable[[State], Iterable[Metric]]
"""Reads metrics from the state of the application when it is scraped."""
SharedSource = Callable[[State], Awaitable[Iterable[Metric]]]
"""Reads metrics that are the same in all processes, such as those of a table."""


@dataclass(frozen=True)
class Metrics:
    """The metrics of an application; those of other code are added to `registry`."""

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    sources: list[Source] = field(default_factory=list)
    shared_sources: list[SharedSource] = field(default_factory=list)


@dataclass(eq=False)
class _Collected(Collector):
    metrics: Iterable[Metric]

    def collect(self) -> Iterable[Metric]:
        return self.metrics


def add_metrics(app: FastAPI) -> None:
    """Measure requests, and serve the metrics."""
    metrics = Metrics()
    for collector in (ProcessCollector, PlatformCollector, GCCollector):
        collector(registry=metrics.registry)
    app.state.metrics = metrics
    app.add_middleware(MeasureRequests, RequestMetrics(metrics.registry))
    app.user_middleware.append(Middleware(KeepScope))
    app.add_route("/metrics", read_metrics, include_in_schema=False)


def metrics_of(app: FastAPI) -> Metrics:
    """The metrics of an application that has them."""
    metrics: Metrics = app.state.metrics
    return metrics


async def read_metrics(request: Request) -> Response:
    """The metrics in the text format of Prometheus."""
    state = Connection(request.scope).state
    settings = state["settings"]
    if not settings.metrics_enabled:
        raise HTTPException(404)
    token = settings.metrics_token.get_secret_value()
    given = request.headers.get("Authorization", "")
    if token and not compare_digest(given.encode(), f"Bearer {token}".encode()):
        raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})
    metrics = metrics_of(request.app)
    shared = [each for read in metrics.shared_sources for each in await read(state)]
    return Response(render(metrics, state, shared), media_type=CONTENT_TYPE_LATEST)


def render(metrics: Metrics, state: State, shared: Iterable[Metric] = ()) -> bytes:
    """The metrics as text: with several processes, those that all of them have written to files."""
    if "PROMETHEUS_MULTIPROC_DIR" in environ:
        written = CollectorRegistry()
        MultiProcessCollector(written)  # type: ignore[no-untyped-call]
        return generate_latest(written) + generate_latest(_registry(shared))
    of_state = [each for read in metrics.sources for each in read(state)]
    return generate_latest(metrics.registry) + generate_latest(_registry([*of_state, *shared]))


def _registry(metrics: Iterable[Metric]) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(_Collected(metrics))
    return registry
