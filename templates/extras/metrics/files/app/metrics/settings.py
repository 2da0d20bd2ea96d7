"""Settings of the metrics."""

import os
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import SecretStr

from app.core.environment import EnvironmentSettings


class MetricsSettings(EnvironmentSettings):
    metrics_enabled: bool = True
    metrics_token: SecretStr = SecretStr("")

    @classmethod
    def single_process_constraints(cls, settings: Mapping[str, Any]) -> Iterator[str]:
        yield from super().single_process_constraints(settings)
        # Read by prometheus-client, from the environment and at its import.
        if settings.get("metrics_enabled") and not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
            yield "more than 1 needs PROMETHEUS_MULTIPROC_DIR, to add up the metrics"
