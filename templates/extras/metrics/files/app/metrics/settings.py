"""Settings of the metrics."""

import os
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import SecretStr, field_validator

from app.core.environment import EnvironmentSettings

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Read by prometheus-client, from the environment and at its import."""


class MetricsSettings(EnvironmentSettings):
    metrics_enabled: bool = True
    metrics_token: SecretStr = SecretStr("")

    @field_validator("metrics_enabled")
    @classmethod
    def _folder_that_can_be_written(cls, enabled: bool) -> bool:
        if enabled and (folder := os.environ.get(FOLDER)) and not os.access(folder, os.W_OK):
            raise ValueError(f"{FOLDER} must be a folder that can be written")
        return enabled

    @classmethod
    def single_process_constraints(cls, settings: Mapping[str, Any]) -> Iterator[str]:
        yield from super().single_process_constraints(settings)
        # `workers` is missing while it is validated. A worker of tasks asks with all settings, and
        # serves no metrics: it may run beside a service of one process.
        is_one_service = settings.get("workers") == 1
        if settings.get("metrics_enabled") and not is_one_service and not os.environ.get(FOLDER):
            yield f"several processes need the variable {FOLDER}, an empty folder, outside `.env`"
