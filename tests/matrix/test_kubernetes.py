"""The manifests of the extra `kubernetes`: valid for the API, and in line with the service."""

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from fastgen.project.operations import EXAMPLES, Operation
from tests.kubernetes_tools import tool
from tests.matrix.combinations import ALL, Combination
from tests.matrix.test_deployment import DEPLOYED, label_of
from tests.matrix.test_static import complaints, known_settings
from tests.support import contents, generate

FOLDER = "deploy/kubernetes"
OPERATIONS = (*EXAMPLES, Operation("extra", "kubernetes"))
API = "1.37.0"


BUILT = [each for each in DEPLOYED if each[0] in (ALL[0], ("database",), ALL[-1])]
OVERLAYS = ("production", "staging")


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with an underscore and capitals in its name, which Kubernetes does not allow."""
    folder = tmp_path_factory.mktemp("kubernetes")
    for each in DEPLOYED:
        patterns, engine = each
        generate(
            folder / label_of(each),
            name="My_Shop",
            patterns=patterns,
            queue=engine or None,
            operations=OPERATIONS,
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


def test_what_kustomize_builds_is_valid_too(projects: Path, tmp_path: Path) -> None:
    for each in BUILT:
        for overlay in OVERLAYS:
            folder = projects / label_of(each) / "My_Shop" / FOLDER / "overlays" / overlay
            built = subprocess.run(
                [tool("kubectl"), "kustomize", folder], capture_output=True, text=True, check=True
            )
            (tmp_path / f"{label_of(each)}-{overlay}.yaml").write_text(built.stdout, "utf-8")

    check = ["kubernetes-validate", "--strict", "--kubernetes-version", API]
    assert complaints(*check, *map(str, tmp_path.iterdir()), cwd=tmp_path) == ""


@pytest.mark.parametrize("deployed", DEPLOYED, ids=label_of)
def test_they_fit_the_service(deployed: tuple[Combination, str], projects: Path) -> None:
    combination, engine = deployed
    tree = contents(projects / label_of(deployed) / "My_Shop")
    compose = yaml.safe_load(tree["compose.yaml"])["services"]
    example = dict(re.findall(r"^([A-Z_]+)=(.*)$", tree[".env.example"].decode(), re.MULTILINE))
    base = documents(tree, f"{FOLDER}/base")
    kustomization = base.pop("kustomization.yaml")
    assert {*kustomization["resources"]} == {*base}
    literals = [*kustomization["configMapGenerator"][0]["literals"]]
    for environment in OVERLAYS:
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
        assert has_few_rights(pod, container)
        # A worker has no route that a probe could call; its process ends if it cannot work.
        assert ("livenessProbe" in container) is (container["name"] == "app")
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
    egress = base["network-policy.yaml"]["spec"]["egress"]
    allowed = {port["port"] for rule in egress for port in rule["ports"]}
    servers = {urlsplit(url).port for url in compose["app"]["environment"].values()} - {None}
    assert servers <= allowed
    assert (5672 in allowed) is (engine in ("celery", "dramatiq"))
    assert ("worker.yaml" in base, "migration.yaml" in base, "autoscaler.yaml" in base) == (
        "queue" in combination,
        "database" in combination,
        "database" in combination,
    )


def has_few_rights(pod: Mapping[str, Any], container: Mapping[str, Any]) -> bool:
    """Whether a container runs as the user of the image, on a read-only root."""
    own, all_of_them = container["securityContext"], pod["securityContext"]
    return (
        all_of_them["runAsNonRoot"]
        and all_of_them["runAsUser"] == 10001
        and all_of_them["seccompProfile"] == {"type": "RuntimeDefault"}
        and own["readOnlyRootFilesystem"]
        and own["capabilities"] == {"drop": ["ALL"]}
        and not own["allowPrivilegeEscalation"]
        and not pod["automountServiceAccountToken"]
    )
