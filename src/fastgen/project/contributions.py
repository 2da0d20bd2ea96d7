"""Contributions of a pattern or a foundation to the files that all projects share."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """Something that a module of the project defines."""

    module: str
    name: str

    @property
    def import_line(self) -> str:
        return f"from {self.module} import {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """An object of the lifespan: made at start; one that is opened is closed at exit."""

    name: str
    """Its key in the state of the application."""
    module: str
    type: str
    make: str = ""
    """The function that makes it; by default its type does."""
    open: str = ""
    """The function that opens it, an async context manager, where it has to be closed."""
    args: tuple[str, ...] = ()
    """The arguments of the function or the type: `settings`, and resources before it."""
    optional: bool = False
    """Whether `open` may give None."""
    probed: bool = False
    """Whether `/ready` asks it."""
    on_commit: str = ""
    """Its method that is called after every commit with the names of the changed models."""
    on_shutdown: str = ""
    """Its method that is called when the service begins to shut down."""

    @property
    def names(self) -> str:
        """What the lifespan imports from its module."""
        return ", ".join(filter(None, (self.type, self.make, self.open)))

    @property
    def expression(self) -> str:
        """The expression that makes or opens it."""
        call = f"{self.open or self.make or self.type}({', '.join(self.args)})"
        return f"await stack.enter_async_context({call})" if self.open else call


@dataclass(frozen=True, slots=True, kw_only=True)
class Router:
    """A router that is included beside those of the resources."""

    module: str
    prefix: str = ""
    """Below `/api/v1`; a router without one states its whole paths."""
    name: str = ""
    """Its tag; by default the name of its module."""
    protected: bool = False
    """Whether it takes the guard of resources, where a pattern contributes one."""
    scopes: str = ""
    """`files`: its routes require the scope `files:read` or `files:write`. It is protected too."""

    @property
    def alias(self) -> str:
        return self.name or self.module.rpartition(".")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service of `compose.yaml`: a server, or another process of the project."""

    name: str
    definition: str
    """YAML. `*service` is what all processes of the project share."""
    server: str = ""
    """The name of the product, if it is a server."""
    ready: str = ""
    """The condition that the application waits for, such as `service_healthy`."""
    volume: str = ""
    """The named volume of its data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """Rows for the hubs; each hub loops over the rows of all contributions."""

    foundations: tuple[str, ...] = ()
    """Foundations that are needed where other patterns are there too."""
    requirements: tuple[str, ...] = ()
    test_requirements: tuple[str, ...] = ()
    settings: tuple[Name, ...] = ()
    """Base classes of the settings."""
    resources: tuple[Resource, ...] = ()
    listeners: tuple[str, ...] = ()
    """Statements of the lifespan that connect resources, after all of them are open."""
    background: tuple[Name, ...] = ()
    """Async context managers that run beside the requests; each is called with the state."""
    routers: tuple[Router, ...] = ()
    application_hooks: tuple[Name, ...] = ()
    """Functions that are called with the application when it is built."""
    environment: str = ""
    """A block of `.env.example`."""
    services: tuple[Service, ...] = ()
    container_settings: tuple[str, ...] = ()
    """Settings of the project's containers in `compose.yaml`, each as `NAME: value`."""
    container_volumes: tuple[str, ...] = ()
    """Volumes of the project's containers, each as `volume:path`."""
    test_settings: tuple[str, ...] = ()
    """The servers of `compose.yaml` for the tests of the CI workflow, each as `NAME: value`."""
    recipes: str = ""
    """Recipes of the justfile."""
    jobs: str = ""
    """Jobs of the CI workflow, as YAML."""
    manifests: tuple[str, ...] = ()
    """Files of the base of Kubernetes, in projects that have one."""
    fixtures: tuple[str, ...] = ()
    """Modules of the tests that define fixtures."""
    client_setup: tuple[str, ...] = ()
    """Statements that prepare the HTTP client of the tests."""
    client_imports: tuple[str, ...] = ()
    resource_guard: str = ""
    """The list, in `app.api.deps`, of the dependencies of every route that is not public."""
    guards: tuple[Name, ...] = ()
    """The dependencies that the guard consists of."""
    scope_guards: tuple[Name, ...] = ()
    """The function that makes the dependency for the `scopes` of a router."""

    @classmethod
    def parse(cls, table: Mapping[str, Any]) -> "Contribution":
        """Read a table of `pattern.toml`.

        Raises:
            TypeError: it has a key that is not known.
        """
        rows = {"resources": Resource, "routers": Router, "services": Service}
        values: dict[str, Any] = {}
        for key, value in table.items():
            if isinstance(value, str):
                values[key] = value
            elif value and isinstance(value[0], dict):
                row = rows.get(key, Name)
                values[key] = tuple(row(**_frozen(entry)) for entry in value)
            else:
                values[key] = tuple(value)
        return cls(**values)

    @classmethod
    def joined(cls, parts: "list[Contribution]") -> "Contribution":
        """All rows, in the order of the parts; of texts that are not lists, the last one."""
        values: dict[str, Any] = {}
        for field in fields(cls):
            found = [getattr(part, field.name) for part in parts]
            if field.type is str:
                values[field.name] = next((text for text in reversed(found) if text), "")
            else:
                values[field.name] = tuple(row for rows in found for row in rows)
        return cls(**values)


def _frozen(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
