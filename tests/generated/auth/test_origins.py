"""Origins that may change something, and all others."""

import pytest

from app.core.errors import Forbidden
from app.core.origins import check_origin

ALLOWED = ("https://shop.example.com", "capacitor://localhost")


@pytest.mark.parametrize("origin", ["https://test", "http://TEST:80", "https://test:443", *ALLOWED])
def test_allowed(origin: str) -> None:
    check_origin({"origin": origin, "host": "test"}, ALLOWED)


def test_programs_send_none() -> None:
    check_origin({"host": "test"}, ALLOWED)


@pytest.mark.parametrize("host", ["test", ""])
@pytest.mark.parametrize(
    "origin", ["https://test:8443", "https://test.evil.example", "null", "", "http://[", "test"]
)
def test_refused(origin: str, host: str) -> None:
    with pytest.raises(Forbidden):
        check_origin({"origin": origin, "host": host}, ALLOWED)
