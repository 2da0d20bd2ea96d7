"""Caddy and nginx have the limits of the service."""

import re

import pytest

from app.core.environment import PROJECT_ROOT
from app.core.server import MAX_HEADER_BYTES
from app.settings import Settings

MEGABYTE = 1024 * 1024


def found(file: str, pattern: str) -> list[int]:
    """The numbers in a configuration that a pattern matches."""
    text = (PROJECT_ROOT / "deploy" / "proxy" / file).read_text("utf-8")
    return [int(number) for number in re.findall(pattern, text)]


def test_bodies() -> None:
    limit = Settings.model_fields["max_body_bytes"].default

    assert found("Caddyfile", r"Content-Length}\) > (\d+)") == [limit]
    assert found("Caddyfile", r"max_size (\d+)MiB") == [limit // MEGABYTE]
    assert found("nginx.conf", r"client_max_body_size (\d+)m;") == [limit // MEGABYTE]


def test_headers() -> None:
    (caddy,) = found("Caddyfile", r"max_header_size (\d+)KB")
    (nginx,) = found("nginx.conf", r"large_client_header_buffers 4 (\d+)k;")

    assert caddy * 1000 <= MAX_HEADER_BYTES
    assert 4 * nginx * 1024 <= MAX_HEADER_BYTES


@pytest.mark.parametrize(
    ("file", "pattern"),
    [("Caddyfile", r"dynamic a app (\d+)"), ("nginx.conf", r"server app:(\d+)")],
)
def test_ports(file: str, pattern: str) -> None:
    assert found(file, pattern) == [Settings.model_fields["port"].default]
