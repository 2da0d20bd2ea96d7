"""Settings: sources, defaults, and messages that contain no values."""

import re

import pytest
from dotenv import dotenv_values

from app.core.environment import PROJECT_ROOT
from app.settings import Settings

GOOD_KEY = "0123456789-abcdefghijklmnopqrstuvwxyz"
EXAMPLE = PROJECT_ROOT / ".env.example"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment with no setting in it."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("ENVIRONMENT", "test")
    monkeypatch.setenv("SECRET_KEY", GOOD_KEY)
    monkeypatch.setitem(Settings.model_config, "env_file", None)
    return monkeypatch


def faults(text: str) -> list[str]:
    return re.findall(r"^  ([A-Z_]+): ", text, re.MULTILINE)


def test_the_example_lists_every_setting() -> None:
    assert set(dotenv_values(EXAMPLE)) == {name.upper() for name in Settings.model_fields}


def test_the_example_has_the_defaults(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("ENVIRONMENT")

    from_example = Settings(_env_file=EXAMPLE)

    assert from_example == Settings(_env_file=None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "true"),
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "change-me-change-me-change-me-change-me"),
        ("SECRET_KEY", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
        ("ALLOWED_ORIGINS", "*"),
    ],
)
def test_production_does_not_start_with(
    environment: pytest.MonkeyPatch, name: str, value: str
) -> None:
    environment.setenv("ENVIRONMENT", "production")
    environment.setenv(name, value)

    with pytest.raises(SystemExit) as failure:
        Settings.load()

    assert faults(str(failure.value)) == [name]
