"""The chart of the extra `helm`: valid for the API, and the same as the manifests of Kustomize."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from fastgen.project.operations import EXAMPLES, Operation
from tests.kubernetes_tools import tool
from tests.matrix.combinations import ALL, Combination
from tests.matrix.test_deployment import DEPLOYED, label_of
from tests.matrix.test_kubernetes import API
from tests.matrix.test_static import complaints
from tests.support import generate

EXTRAS = (Operation("extra", "kubernetes"), Operation("extra", "helm"))
CHART = "deploy/helm"
CHARTS = [each for each in DEPLOYED if each[1] in ("", "procrastinate") or each[0] == ALL[-1]]
"""Each combination, and the fullest one with each engine of the queue."""
OTHER_VALUES = """
image: { repository: registry.example.com/other, tag: "7", pullPolicy: Always }
imagePullSecrets: [{ name: registry }]
secret: of-an-operator
settings: { PORT: 9000, LOG_LEVEL: DEBUG, ACCESS_LOG: false, MAX_BODY_BYTES: 104857600 }
autoscaling: { enabled: false }
replicas: 5
resources: { requests: { cpu: 1, memory: 1Gi } }
terminationGracePeriodSeconds: 90
worker: { replicas: 0 }
dataClaim: files
ingress: { enabled: false }
networkPolicy: { enabled: false }
"""
OWN = {"image", "imagePullPolicy", "envFrom"}
"""What differs in a container: the names of the image, of the settings and of the secret."""


def run(*command: str, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("helm")
    for each in CHARTS:
        name, operations = label_of(each), (*EXAMPLES, *EXTRAS)
        generate(folder, name=name, patterns=each[0], queue=each[1] or None, operations=operations)
        text = run(tool("helm"), "template", "shop", CHART, cwd=folder / name)
        (folder / name / "chart.yaml").write_text(text, "utf-8")
    return folder


def test_it_is_valid_for_the_newest_api(projects: Path) -> None:
    check = ["kubernetes-validate", "--strict", "--kubernetes-version", API]
    assert complaints(*check, *map(str, projects.glob("*/chart.yaml")), cwd=projects) == ""


@pytest.mark.parametrize("chart", [CHARTS[0], CHARTS[-1]], ids=label_of)
def test_helm_has_no_complaint(chart: tuple[Combination, str], projects: Path) -> None:
    run(tool("helm"), "lint", "--strict", CHART, cwd=projects / label_of(chart))


def test_values_are_checked(projects: Path) -> None:
    wrong = ["--set", "settings.lower=1", "--set", "resorces.limits.cpu=1"]
    command = [tool("helm"), "template", "shop", CHART, *wrong]
    done = subprocess.run(
        command, cwd=projects / "none", capture_output=True, text=True, check=False
    )

    assert done.returncode != 0
    assert "resorces" in done.stderr
    assert "lower" in done.stderr


def test_other_values(projects: Path, tmp_path: Path) -> None:
    """Each value differs from its default."""
    project = projects / label_of(CHARTS[-1])
    values, made = tmp_path / "values.yaml", tmp_path / "made.yaml"
    values.write_text(OTHER_VALUES, "utf-8")
    made.write_text(run(tool("helm"), "template", "a", CHART, "-f", str(values), cwd=project))
    found = by_kind(made.read_text("utf-8"))
    app, worker = found["Deployment", "app"]["spec"], found["Deployment", "worker"]["spec"]
    pod = app["template"]["spec"]
    (container,) = pod["containers"]

    check = ["kubernetes-validate", "--strict", "--kubernetes-version", API]
    assert complaints(*check, str(made), cwd=tmp_path) == ""
    kinds = {kind for kind, _ in found}
    assert kinds & {"HorizontalPodAutoscaler", "Ingress", "NetworkPolicy"} == set()
    assert (app["replicas"], worker["replicas"]) == (5, 0)
    assert container["image"] == "registry.example.com/other:7"
    assert container["imagePullPolicy"] == "Always"
    assert container["envFrom"][1] == {"secretRef": {"name": "of-an-operator"}}
    assert container["ports"] == [{"name": "http", "containerPort": 9000}]
    assert container["resources"]["requests"] == {"cpu": 1, "memory": "1Gi"}
    assert pod["imagePullSecrets"] == [{"name": "registry"}]
    assert pod["terminationGracePeriodSeconds"] == 90
    assert {"claimName": "files"} in [each.get("persistentVolumeClaim") for each in pod["volumes"]]
    settings = found["ConfigMap", "settings"]["data"]
    assert (settings["PORT"], settings["ACCESS_LOG"]) == ("9000", "false")
    assert settings["MAX_BODY_BYTES"] == "104857600"


@pytest.mark.parametrize("chart", CHARTS, ids=label_of)
def test_it_is_what_kustomize_makes(chart: tuple[Combination, str], projects: Path) -> None:
    """Whose manifests are held to the settings of the service by `test_kubernetes.py`."""
    project = projects / label_of(chart)
    by_helm = by_kind((project / "chart.yaml").read_text("utf-8"))
    overlay = "deploy/kubernetes/overlays/production"
    made = by_kind(run(tool("kubectl"), "kustomize", overlay, cwd=project))

    assert by_helm.keys() == made.keys()
    assert by_helm["ConfigMap", "settings"]["data"] == made["ConfigMap", "settings"]["data"]
    for key in made:
        assert comparable(by_helm[key]) == comparable(made[key]), key


def by_kind(text: str) -> dict[tuple[str, str], dict[str, Any]]:
    """The objects by their kind and their name, without what releases and contents add."""
    found = {}
    for each in yaml.safe_load_all(text):
        if each:
            words = each["metadata"]["name"].split("-")
            (word,) = {"app", "worker", "migrate", "settings"} & {*words}
            found[each["kind"], word] = each
    return found


def comparable(manifest: dict[str, Any]) -> object:
    """The containers and the grace of pods; of others the rest of the specification."""
    spec = manifest.get("spec", {})
    if "template" in spec:
        pod = spec["template"]["spec"]
        (container,) = pod["containers"]
        return (
            {key: value for key, value in container.items() if key not in OWN},
            *(pod.get(key) for key in ("terminationGracePeriodSeconds", "volumes")),
            {**pod["securityContext"], "fsGroup": 10001},
            *(pod[key] for key in ("automountServiceAccountToken", "enableServiceLinks")),
            spec.get("replicas"),
        )
    if manifest["kind"] == "NetworkPolicy":
        egress = [port for rule in spec["egress"] for port in rule["ports"]]
        return spec["ingress"], sorted(egress, key=str), spec["policyTypes"]
    if manifest["kind"] == "HorizontalPodAutoscaler":
        return {**spec, "scaleTargetRef": None}
    if manifest["kind"] == "Service":
        return spec["ports"]
    return spec.get("maxUnavailable")
