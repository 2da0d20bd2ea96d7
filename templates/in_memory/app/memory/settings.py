"""The constraint of rows in memory on the settings."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.core.environment import EnvironmentSettings


class MemorySettings(EnvironmentSettings):
    """Rows are in the memory of one process."""

    @classmethod
    def single_process_constraints(cls, _settings: Mapping[str, Any]) -> Iterator[str]:
        # Not the reasons of others: no setting permits several processes.
        yield "must be 1, because rows are in the memory of one process"
