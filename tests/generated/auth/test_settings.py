"""What the settings of callers must not be."""

import json

import pytest
from pydantic import ValidationError

from app.settings import Settings

KEY = "0123456789-abcdefghijklmnopqrstuvwxyz"
PEM = f"-----BEGIN PRIVATE KEY-----\n{'A' * 40}\n-----END PRIVATE KEY-----\n"
OTHER = "zyxwvutsrqponmlkjihgfedcba-9876543210"


def keys(**values: str) -> str:
    return json.dumps(values)


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"JWT_KEYS": "nonsense"}, "JWT_KEYS"),
        ({"JWT_KEYS": keys(a="short")}, "JWT_KEYS"),
        ({"JWT_KEYS": json.dumps({"../a": KEY})}, "JWT_KEYS"),
        ({"JWT_ALGORITHM": "none"}, "JWT_ALGORITHM"),
        ({"JWT_ALGORITHM": "HS512"}, "JWT_ALGORITHM"),
        ({"JWT_ALGORITHM": "RS256"}, "JWT_KEYS"),
        ({"JWT_ALGORITHM": "HS512", "JWT_KEYS": keys(a=PEM)}, "JWT_ALGORITHM"),
        ({"JWT_KEYS": keys(a=PEM)}, "JWT_KEYS"),
        ({"JWT_KEYS": keys(a="short"), "JWT_ACTIVE_KID": "a"}, "JWT_KEYS"),
        ({"JWT_ALGORITHM": "ES256", "JWT_KEYS": keys(a=KEY)}, "JWT_KEYS"),
        ({"JWT_JWKS_URL": "https://id.example.com/keys"}, "JWT_JWKS_AUDIENCE"),
        ({"JWT_JWKS_URL": "nonsense"}, "JWT_JWKS_URL"),
        (
            {"JWT_JWKS_URL": "x", "JWT_JWKS_ISSUER": "me", "JWT_JWKS_AUDIENCE": "us"},
            "JWT_JWKS_URL",
        ),
        ({"JWT_KEYS": keys(a=KEY, b=OTHER)}, "JWT_ACTIVE_KID"),
        ({"JWT_KEYS": keys(a=KEY), "JWT_ACTIVE_KID": "b"}, "JWT_ACTIVE_KID"),
        ({"JWT_ACTIVE_KID": "a"}, "JWT_ACTIVE_KID"),
        ({"LOGIN_FAILURES": "often"}, "LOGIN_FAILURES"),
        ({"FIRST_ADMIN_EMAIL": "nobody"}, "FIRST_ADMIN_EMAIL"),
    ],
    ids=str,
)
def test_faults(monkeypatch: pytest.MonkeyPatch, values: dict[str, str], fault: str) -> None:
    for name in ("FIRST_ADMIN_EMAIL", "FIRST_ADMIN_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    for name, value in values.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(ValidationError) as failure:
        Settings()

    assert {str(error["loc"][0]).upper() for error in failure.value.errors()} == {fault}
    assert KEY not in str(failure.value)
    assert "BEGIN" not in str(failure.value)


def test_one_key_is_the_active_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JWT_KEYS", keys(a=KEY))

    assert Settings().jwt_active_kid == "a"


def test_secret_keys_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JWT_KEYS", keys(a=KEY))

    assert KEY not in repr(Settings())
