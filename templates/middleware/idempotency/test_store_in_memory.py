"""A store in memory is refused for several processes."""

import pytest

from app.middleware.idempotency_store import open_store
from app.settings import Settings


def test_only_one_process() -> None:
    with pytest.raises(SystemExit, match="WORKERS"):
        open_store(Settings.model_construct(workers=2))
