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
        # `workers` is missing while it is validated. A worker of tasks asks with all settings, and
        # serves no metrics: it may run beside a service of one process.
        is_one_service = settings.get("workers") == 1
        # Read by prometheus-client, from the environment and at its import.
        has_folder = bool(os.environ.get("PROMETHEUS_MULTIPROC_DIR"))
        if settings.get("metrics_enabled") and not is_one_service and not has_folder:
            yield "more than 1 needs PROMETHEUS_MULTIPROC_DIR, to add up the metrics"
