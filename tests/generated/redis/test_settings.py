"""Which URLs work, and how many processes there may be without one."""

import pytest
from pydantic import SecretStr

from app.redis.settings import RedisSettings
from app.settings import Settings


@pytest.mark.parametrize(
    "url",
    [
        "",
        "redis://host",
        "rediss://u:hunter2@host:1/2?ssl_cert_reqs=none",
        "unix:///run/redis.sock?db=1",
    ],
)
def test_valid_urls(url: str) -> None:
    assert RedisSettings.model_validate({"redis_url": url}).redis_url.get_secret_value() == url


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("hunter2", "it must look like"),
        ("http://hunter2@host", "it must look like"),
        ("redis://u:hunter2@host:port", "it must look like"),
        ("redis://:x?hunter2=@host", "it must look like"),
        ("redis://host?db=hunter2", "it must look like"),
        ("redis://host?ssl_cert_reqs=none", "it must look like"),
        ("redis://u:hunter2@host?decode_responses=true", "remove the option decode_responses"),
        ("redis://host?protocol=hunter2", "remove the option protocol"),
        ("redis://host?nonsense", "remove the option nonsense"),
    ],
)
def test_a_fault_is_named_without_the_secret(
    monkeypatch: pytest.MonkeyPatch, url: str, message: str
) -> None:
    monkeypatch.setenv("REDIS_URL", url)

    with pytest.raises(SystemExit) as failure:
        Settings.load()

    assert f"  REDIS_URL: {message}" in str(failure.value)
    assert "hunter2" not in str(failure.value)


def test_several_processes_need_redis() -> None:
    reasons = RedisSettings.single_process_constraints({"redis_url": SecretStr("")})

    assert "REDIS_URL" in " ".join(reasons)
