"""Which URLs can work, and how many processes there may be without one."""

import pytest

from app.core.redis.settings import RedisSettings
from app.settings import Settings


@pytest.mark.parametrize(
    "url", ["", "redis://host", "rediss://u:hunter2@host:1/2", "unix:///run/redis.sock?db=1"]
)
def test_good_ones(url: str) -> None:
    assert RedisSettings.model_validate({"redis_url": url}).redis_url.get_secret_value() == url


@pytest.mark.parametrize("url", ["hunter2", "http://hunter2@host", "redis://u:hunter2@host:port"])
def test_a_bad_one_is_named_and_not_shown(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("REDIS_URL", url)

    with pytest.raises(SystemExit) as failure:
        Settings.load()

    assert "  REDIS_URL: it must look like" in str(failure.value)
    assert "hunter2" not in str(failure.value)


def test_what_is_kept_in_memory_has_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REDIS_URL", raising=False)
    monkeypatch.setenv("WORKERS", "2")

    with pytest.raises(SystemExit, match=r"  WORKERS: .*REDIS_URL"):
        Settings.load()
