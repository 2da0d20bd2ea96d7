"""Containers, their servers and the documents of operators, for every project and every engine."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from fastgen.project.choices import choices_of
from fastgen.project.operations import EXAMPLES
from tests.matrix.combinations import ALL, Combination, label
from tests.matrix.test_extras import possible
from tests.matrix.test_static import Tree, complaints
from tests.support import contents, generate

ENGINES = tuple(engine.name for engine in choices_of("queue"))
DEPLOYED = [
    (combination, engine)
    for combination in ALL
    for engine in (ENGINES if "queue" in combination else ("",))
]
"""Every combination of patterns, with every engine of the queue."""
OF_OTHER_PROGRAMS = {"OTEL_RESOURCE_ATTRIBUTES", "PROMETHEUS_MULTIPROC_DIR", "SITE_ADDRESS"}
"""Variables that are not settings of the service."""
VARIABLE = re.compile(
    r"(?:`|\s|--from-literal=|settings\.)([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)="
    r"|`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\b"
)
"""A variable in a document: with a value, or its name alone."""
DEVCONTAINER = {
    "name": str,
    "image": str,
    "features": dict,
    "forwardPorts": list,
    "containerEnv": dict,
    "onCreateCommand": str,
    "postCreateCommand": str,
    "customizations": dict,
}
"""The keys of the specification of development containers that are used."""


class ComposeLoader(yaml.CSafeLoader):
    """Reads files of Compose: `!reset` replaces what another file has."""


ComposeLoader.add_constructor("!reset", lambda _loader, _node: [])


def label_of(project: tuple[Combination, str]) -> str:
    combination, engine = project
    return f"{label(combination)}-{engine}".rstrip("-")


@dataclass(frozen=True)
class Deployed:
    """A project with all extras that it can have."""

    combination: Combination
    engine: str
    tree: Tree

    @cached_property
    def compose(self) -> dict[str, Any]:
        return loaded(self.tree["compose.yaml"])

    @cached_property
    def services(self) -> dict[str, Any]:
        services: dict[str, Any] = self.compose["services"]
        return services

    @cached_property
    def example(self) -> dict[str, str]:
        """The settings with their defaults."""
        pairs = re.findall(
            r"^([A-Z][A-Z0-9_]*)=(.*)$", self.tree[".env.example"].decode(), re.MULTILINE
        )
        return dict(pairs)


def loaded(content: bytes) -> dict[str, Any]:
    document: dict[str, Any] = yaml.load(content, ComposeLoader)
    return document


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Deployed]:
    """All projects, by their labels."""
    folder, found = tmp_path_factory.mktemp("deployment"), {}
    for each in DEPLOYED:
        combination, engine = each
        additions = (*EXAMPLES, *possible(combination))
        name, queue = label_of(each), engine or None
        project = generate(
            folder, name=name, patterns=combination, queue=queue, operations=additions
        )
        found[name] = Deployed(combination, engine, contents(project))
    return found


@pytest.fixture(params=DEPLOYED, ids=label_of)
def project(request: pytest.FixtureRequest, deployed: Mapping[str, Deployed]) -> Deployed:
    return deployed[label_of(request.param)]


def test_compose_files_are_valid(deployed: Mapping[str, Deployed], tmp_path: Path) -> None:
    """Equal files once. The reader of the schema does not know the tag `!reset`."""
    paths = ("compose.yaml", "deploy/proxy/compose.yaml")
    for number, content in enumerate(
        {each.tree[path] for each in deployed.values() for path in paths}
    ):
        (tmp_path / f"{number}.yaml").write_bytes(content.replace(b"!reset ", b""))

    check = ["check-jsonschema", "--builtin-schema", "vendor.compose-spec"]
    assert complaints(*check, *map(str, tmp_path.iterdir()), cwd=tmp_path) == ""


def test_services_fit_together(project: Deployed) -> None:
    services = project.services
    mounts = [volume for one in services.values() for volume in one.get("volumes", ())]
    assert {mount.partition(":")[0] for mount in mounts} == {*project.compose.get("volumes", ())}
    for one in services.values():
        for needed, how in one.get("depends_on", {}).items():
            is_checked = "test" in services[needed].get("healthcheck", {})
            assert is_checked is (how["condition"] == "service_healthy")
    assert ("worker" in services) is ("queue" in project.combination)
    assert ("migrate" in services) is ("database" in project.combination)
    assert ("rabbitmq" in services) is (project.engine in ("celery", "dramatiq"))


def test_containers_of_the_service_have_few_rights(project: Deployed) -> None:
    own = {name: one for name, one in project.services.items() if "build" in one}
    assert {*own} == {"app", "migrate", "worker"} & {*project.services}
    for one in own.values():
        assert one["read_only"] is True
        assert one["tmpfs"] == ["/tmp"]
        assert one["cap_drop"] == ["ALL"]
        assert one["security_opt"] == ["no-new-privileges:true"]
        assert {volume.partition(":")[2] for volume in one.get("volumes", ())} <= {"/data"}
        grace = int(one["stop_grace_period"].removesuffix("s"))
        assert grace > int(project.example["SHUTDOWN_GRACE_SECONDS"])


def test_containers_have_settings_of_the_service(project: Deployed) -> None:
    settings = project.services["app"]["environment"]
    assert {*settings} <= {*project.example}
    folders = [value for value in settings.values() if value.startswith("/")]
    assert all(folder.startswith("/data/") for folder in folders)
    for one in project.services.values():
        assert "build" not in one or one["environment"] == settings
    servers = {
        name for name in ("DATABASE_URL", "REDIS_URL", "TASK_BROKER_URL") if name in settings
    }
    assert servers == {"DATABASE_URL", "REDIS_URL", "TASK_BROKER_URL"} & {*project.example}


def test_the_workflow_tests_on_all_servers(project: Deployed) -> None:
    job = loaded(project.tree[".github/workflows/ci.yml"])["jobs"]["image"]
    variables: dict[str, str] = next((step["env"] for step in job["steps"] if "env" in step), {})
    settings = project.services["app"]["environment"]
    assert {f"TEST_{name}" for name in settings if name.endswith("_URL")} == {*variables}
    for name, url in variables.items():
        server = urlsplit(settings[name.removeprefix("TEST_")])
        (port,) = project.services[server.hostname or ""]["ports"]
        assert port.endswith(f":-{urlsplit(url).port}}}:{server.port}")


def test_the_proxy_fits_the_service(project: Deployed) -> None:
    proxy = loaded(project.tree["deploy/proxy/compose.yaml"])
    app = proxy["services"].pop("app")
    has_many = "database" in project.combination
    assert app["ports"] == []
    assert app.get("scale", 1) == (2 if has_many else 1)
    assert app["environment"].keys() <= project.example.keys()
    assert ("SECRET_KEY" in app["environment"]) is has_many
    (caddy,) = proxy["services"].values()
    assert caddy["depends_on"].keys() <= project.services.keys()
    for mount in caddy["volumes"]:
        source = mount.partition(":")[0]
        assert source.removeprefix("./") in project.tree or source in proxy["volumes"]
    port = project.services["app"]["environment"]["PORT"]
    assert f"dynamic a app {port}" in project.tree["deploy/proxy/Caddyfile"].decode()
    assert f"server app:{port} " in project.tree["deploy/proxy/nginx.conf"].decode()


def test_the_development_container_fits_the_project(project: Deployed) -> None:
    description = json.loads(project.tree[".devcontainer/devcontainer.json"])
    assert {key: type(value) for key, value in description.items()} == DEVCONTAINER
    assert description["forwardPorts"] == [int(project.example["PORT"])]
    assert description["containerEnv"].keys() - {"UV_LINK_MODE"} <= project.example.keys()
    recipes = re.findall(r"^(\w+)", project.tree["justfile"].decode(), re.MULTILINE)
    assert description["postCreateCommand"].removeprefix("just ") in recipes


def test_documents_name_settings_that_exist(project: Deployed) -> None:
    """Or constants of the code. Each page names only settings that its project has."""
    known = {*project.example} | OF_OTHER_PROGRAMS
    unknown = {(path, name) for path, name in named_settings(project.tree) if name not in known}
    code = b"\n".join(text for path, text in project.tree.items() if path.endswith(".py")).decode()

    assert {each for each in unknown if not re.search(rf"(?m)^{each[1]}\b.* = ", code)} == set()


def named_settings(tree: Tree) -> Iterator[tuple[str, str]]:
    """The pages of a project, and the settings that they name."""
    for path, content in tree.items():
        if path.endswith(".md") or path == "compose.yaml":
            for found in VARIABLE.findall(content.decode()):
                yield path, "".join(found).removeprefix("TEST_")


def test_documents_name_the_secrets_that_are_needed(project: Deployed) -> None:
    """In the pages of Kubernetes and Helm, which make the secret of the pods."""
    needed = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "TASK_BROKER_URL"} & {*project.example}
    for page in ("docs/kubernetes.md", "docs/helm.md"):
        named = re.findall(r"--from-literal=(\w+)=", project.tree[page].decode())
        assert {*named} == needed
