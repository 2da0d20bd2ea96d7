"""The manifests for Kubernetes fit the service and its settings."""

import secrets
from typing import Any

import pytest
import yaml
from httpx2 import AsyncClient

from app.core.environment import PROJECT_ROOT
from app.settings import Settings

FOLDER = PROJECT_ROOT / "deploy" / "kubernetes"
OVERLAYS = sorted(path.name for path in (FOLDER / "overlays").iterdir())


def read(path: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((FOLDER / path).read_text("utf-8"))
    return document


def configured(overlay: str) -> dict[str, str]:
    """The settings of the base and of an overlay, without secrets."""
    literals = [
        literal
        for folder in ("base", f"overlays/{overlay}")
        for generator in read(f"{folder}/kustomization.yaml")["configMapGenerator"]
        for literal in generator["literals"]
    ]
    return {name.lower(): value for name, _, value in (text.partition("=") for text in literals)}


def settings_of(overlay: str) -> Settings:
    return Settings.model_validate({**configured(overlay), "secret_key": secrets.token_urlsafe(32)})


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_settings(overlay: str) -> None:
    assert configured(overlay).keys() <= Settings.model_fields.keys()
    assert settings_of(overlay).in_production


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_pods_have_more_time_than_the_service_needs(overlay: str) -> None:
    for path in read("base/kustomization.yaml")["resources"]:
        manifest = read(f"base/{path}")
        if manifest["kind"] == "Deployment":
            pod = manifest["spec"]["template"]["spec"]
            grace = settings_of(overlay).shutdown_grace_seconds
            assert pod["terminationGracePeriodSeconds"] > grace, path


async def test_probes(client: AsyncClient) -> None:
    (container,) = read("base/deployment.yaml")["spec"]["template"]["spec"]["containers"]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        request = container[probe]["httpGet"]
        assert ports[request["port"]] == settings_of(OVERLAYS[0]).port
        assert (await client.get(request["path"])).status_code == 200
