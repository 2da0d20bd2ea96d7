"""The manifests of the extra `kubernetes`: valid for the API, and in line with the service."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from fastgen.project.operations import EXAMPLES, Operation
from tests.matrix.combinations import ALL, Combination, label
from tests.matrix.test_static import complaints, known_settings
from tests.support import contents, generate

FOLDER = "deploy/kubernetes"
OPERATIONS = (*EXAMPLES, Operation("extra", "kubernetes"))
API = "1.37.0"


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with an underscore and capitals in its name, which Kubernetes does not allow."""
    folder = tmp_path_factory.mktemp("kubernetes")
    for combination in ALL:
        generate(
            folder / label(combination), name="My_Shop", patterns=combination, operations=OPERATIONS
        )
    return folder


def documents(tree: Mapping[str, bytes], folder: str) -> dict[str, Any]:
    return {
        path.removeprefix(f"{folder}/"): yaml.safe_load(content)
        for path, content in tree.items()
        if path.startswith(f"{folder}/")
    }


def test_they_are_valid_for_the_newest_api(projects: Path) -> None:
    """Equal files once; `kustomization.yaml` is not sent to the API."""
    files = {
        path.read_bytes(): str(path)
        for path in projects.glob(f"*/*/{FOLDER}/**/*.yaml")
        if path.name != "kustomization.yaml"
    }

    check = ["kubernetes-validate", "--strict", "--kubernetes-version", API]
    assert complaints(*check, *files.values(), cwd=projects) == ""


@pytest.mark.parametrize("combination", ALL, ids=label)
def test_they_fit_the_service(combination: Combination, projects: Path) -> None:
    tree = contents(projects / label(combination) / "My_Shop")
    compose = yaml.safe_load(tree["compose.yaml"])["services"]
    example = dict(re.findall(r"^([A-Z_]+)=(.*)$", tree[".env.example"].decode(), re.MULTILINE))
    base = documents(tree, f"{FOLDER}/base")
    kustomization = base.pop("kustomization.yaml")
    assert {*kustomization["resources"]} == {*base}
    literals = [*kustomization["configMapGenerator"][0]["literals"]]
    for environment in ("staging", "production"):
        overlay = documents(tree, f"{FOLDER}/overlays/{environment}")["kustomization.yaml"]
        literals += overlay["configMapGenerator"][0]["literals"]
        assert [image["name"] for image in overlay["images"]] == ["my-shop"]
    config = dict(literal.split("=", 1) for literal in literals)
    assert config.keys() <= {*known_settings(tree)}
    for manifest in base.values():
        if manifest["kind"] not in ("Deployment", "Job"):
            continue
        pod = manifest["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        assert container["image"] == "my-shop"
        assert container.get("command") == compose[container["name"]].get("command")
        mounted = {mount["mountPath"] for mount in container.get("volumeMounts", ())}
        assert container["name"] == "migrate" or mounted == {"/tmp", "/data"}
        if manifest["kind"] == "Deployment":
            grace = pod["terminationGracePeriodSeconds"]
            assert grace > int(example["SHUTDOWN_GRACE_SECONDS"])
    (app,) = base["deployment.yaml"]["spec"]["template"]["spec"]["containers"]
    (port,) = app["ports"]
    assert str(port["containerPort"]) == config["PORT"]
    assert f"EXPOSE {config['PORT']}\n".encode() in tree["Dockerfile"]
    assert app["livenessProbe"]["httpGet"]["path"] == "/health"
    assert app["readinessProbe"]["httpGet"]["path"] == "/ready"
    assert app["readinessProbe"]["timeoutSeconds"] > 2
    assert ("worker.yaml" in base, "migration.yaml" in base, "autoscaler.yaml" in base) == (
        "queue" in combination,
        "database" in combination,
        "database" in combination,
    )
