"""The chart of the extra `helm`: valid for the API, and the same as the manifests of Kustomize."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from fastgen.project.operations import EXAMPLES, Operation
from tests.kubernetes_tools import tool
from tests.matrix.combinations import ALL, Combination, label
from tests.matrix.test_kubernetes import API
from tests.matrix.test_static import complaints
from tests.support import generate

EXTRAS = (Operation("extra", "kubernetes"), Operation("extra", "helm"))
CHART = "deploy/helm"
OWN = {"image", "imagePullPolicy", "envFrom"}
"""What differs in a container: the names of the image, of the settings and of the secret."""


def run(*command: str, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("helm")
    for combination in ALL:
        name = label(combination)
        generate(folder, name=name, patterns=combination, operations=(*EXAMPLES, *EXTRAS))
        text = run(tool("helm"), "template", "shop", CHART, cwd=folder / name)
        (folder / name / "chart.yaml").write_text(text, "utf-8")
    return folder


def test_it_is_valid_for_the_newest_api(projects: Path) -> None:
    check = ["kubernetes-validate", "--strict", "--kubernetes-version", API]
    assert complaints(*check, *map(str, projects.glob("*/chart.yaml")), cwd=projects) == ""


@pytest.mark.parametrize("combination", [ALL[0], ALL[-1]], ids=label)
def test_helm_has_no_complaint(combination: Combination, projects: Path) -> None:
    run(tool("helm"), "lint", "--strict", CHART, cwd=projects / label(combination))


def test_values_are_checked(projects: Path) -> None:
    wrong = ["--set", "settings.lower=1", "--set", "resorces.limits.cpu=1"]
    command = [tool("helm"), "template", "shop", CHART, *wrong]
    done = subprocess.run(
        command, cwd=projects / "none", capture_output=True, text=True, check=False
    )

    assert done.returncode != 0
    assert "resorces" in done.stderr
    assert "lower" in done.stderr


@pytest.mark.parametrize("combination", ALL, ids=label)
def test_it_is_what_kustomize_makes(combination: Combination, projects: Path) -> None:
    """Whose manifests are held to the settings of the service by `test_kubernetes.py`."""
    project = projects / label(combination)
    chart = by_kind((project / "chart.yaml").read_text("utf-8"))
    overlay = "deploy/kubernetes/overlays/production"
    made = by_kind(run(tool("kubectl"), "kustomize", overlay, cwd=project))

    assert chart.keys() == made.keys()
    assert chart["ConfigMap", "settings"]["data"] == made["ConfigMap", "settings"]["data"]
    for key in made:
        assert comparable(chart[key]) == comparable(made[key]), key


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
