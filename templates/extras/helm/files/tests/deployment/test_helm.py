"""The values of the chart fit the service and its settings."""

import secrets
from typing import Any

import pytest
import yaml

from app.core.environment import PROJECT_ROOT
from app.settings import Settings


@pytest.fixture
def values() -> dict[str, Any]:
    path = PROJECT_ROOT / "deploy" / "helm" / "values.yaml"
    values: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return values


def settings_of(values: dict[str, Any]) -> Settings:
    configured = {name.lower(): value for name, value in values["settings"].items()}
    return Settings.model_validate({**configured, "secret_key": secrets.token_urlsafe(32)})


def test_settings(values: dict[str, Any]) -> None:
    assert {*map(str.lower, values["settings"])} <= Settings.model_fields.keys()
    assert settings_of(values).in_production


def test_pods_have_more_time_than_the_service_needs(values: dict[str, Any]) -> None:
    assert values["terminationGracePeriodSeconds"] > settings_of(values).shutdown_grace_seconds
