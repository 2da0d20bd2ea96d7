"""The lists that the hubs loop over: the few files of a project that know its patterns."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from textwrap import indent
from typing import Any

from fastgen.names.display import listed
from fastgen.project import patterns
from fastgen.project.contributions import Contribution, Name, Resource, Router
from fastgen.project.extras import all_extras
from fastgen.rendering.layout import WIDTH, class_line

REQUIREMENTS = (
    "anyio>=4.16",
    "fastapi[standard-no-fastapi-cloud-cli]>=0.165",
    "httpx2>=2.16",
    "itsdangerous>=2.2",
    "pydantic>=2.14",
    "pydantic-settings>=2.16",
    "starlette>=1.10",
    "structlog>=26.1",
    "uvicorn[standard]>=0.54",
)
TEST_REQUIREMENTS = (
    "pytest>=9.2",
    "pytest-asyncio>=1.5",
    "pytest-cov>=7.1",
    "pytest-xdist>=3.8",
)
CORE_SETTINGS = Name(module="app.core.config", name="CoreSettings")
MEMORY_SETTINGS = Name(module="app.memory.settings", name="MemorySettings")
MEMORY = Resource(
    name="database",
    module="app.memory.database",
    type="Database",
    open="open_database",
    args=("settings",),
)
"""The database of projects without the pattern."""
REPORTED = "changes"
"""The foundation that finds out what the commits of a database have changed."""
AROUND_CORE = (
    "app.api",
    "app.lifespan",
    "app.main",
    "app.middleware",
    "app.models",
    "app.repositories",
    "app.schemas",
    "app.services",
    "app.settings",
)
"""What the core does not import, besides the packages of patterns."""
API = "/api/v1"


def hub_values(chosen: Collection[str], extras: Collection[str] = ()) -> dict[str, Any]:
    """The values of the hub templates for a project with these patterns and extras."""
    added = [extra for extra in all_extras() if extra.name in extras]
    foundations = patterns.foundations_of((*chosen, *extras))
    present = {*chosen, *foundations, *extras}
    contributors = [*patterns.contributors(present), *added]
    parts = [part for one in contributors for part in one.contributions(present)]
    all_rows = Contribution.joined(parts)
    if MEMORY.name not in {row.name for row in all_rows.resources}:
        resources = (MEMORY, *all_rows.resources)
        settings = (MEMORY_SETTINGS, *all_rows.settings)
        all_rows = replace(all_rows, resources=resources, settings=settings)
    resources = all_rows.resources
    return {
        "patterns": [*chosen],
        "foundations": [*foundations],
        "extras": added,
        "requirements": sorted([*REQUIREMENTS, *all_rows.requirements]),
        "test_requirements": [
            "asgi-lifespan>=2.1",
            *dict.fromkeys(all_rows.test_requirements),
            *TEST_REQUIREMENTS,
        ],
        "resources": resources,
        "probes": _probes(all_rows),
        "listeners": [*_commit_listeners(all_rows), *all_rows.listeners],
        "shutdown_hooks": [f"{row.name}.{row.on_shutdown}" for row in resources if row.on_shutdown],
        "background": all_rows.background,
        "application_hooks": all_rows.application_hooks,
        "includes": [_include(router, all_rows) for router in all_rows.routers],
        "environment": [part.environment.strip("\n") for part in parts if part.environment],
        "recipes": [part.recipes.strip("\n") for part in parts if part.recipes],
        "jobs": [indent(part.jobs.strip("\n"), "  ") for part in parts if part.jobs],
        "fixtures": _bracketed(all_rows.fixtures),
        "client_setup": all_rows.client_setup,
        "around_core": _around_core(all_rows),
        "settings_class": class_line(
            "Settings", [row.name for row in (CORE_SETTINGS, *all_rows.settings)]
        ),
        "servers": listed([row.server for row in all_rows.services if row.server]),
        **_containers(all_rows),
        **_imports(all_rows),
    }


def _around_core(rows: Contribution) -> list[str]:
    """What the core does not import."""
    modules = [row.module for row in rows.resources] + [row.module for row in rows.settings]
    return sorted({*AROUND_CORE, *(".".join(each.split(".")[:2]) for each in modules)})


def _probes(rows: Contribution) -> str:
    """The dictionary of what `/ready` asks."""
    probed = [f'"{row.name}": {row.name}.probe' for row in rows.resources if row.probed]
    return f"{{{', '.join(probed)}}}"


def _commit_listeners(rows: Contribution) -> list[str]:
    """The lines of the lifespan that tell resources about commits."""
    methods = [f"{row.name}.{row.on_commit}" for row in rows.resources if row.on_commit]
    if REPORTED in rows.foundations:
        return [f"report_changes(database, {method})" for method in methods]
    return [f"database.on_commit.append({method})" for method in methods]


def _containers(rows: Contribution) -> dict[str, list[str]]:
    """The values of `compose.yaml` and of the CI workflow, which starts its services."""
    mounts = list(dict.fromkeys(rows.container_volumes))
    volumes = [mount.partition(":")[0] for mount in mounts]
    return {
        "services": [
            f"  {row.name}:\n{indent(row.definition.strip(), '    ')}" for row in rows.services
        ],
        "dependencies": [
            f"{row.name}: {{ condition: {row.ready} }}" for row in rows.services if row.ready
        ],
        "container_settings": [*rows.container_settings],
        "container_volumes": [f'"{mount}"' for mount in mounts],
        "named_volumes": [*volumes, *(row.volume for row in rows.services if row.volume)],
        "test_settings": [*rows.test_settings],
        "manifests": [*rows.manifests],
    }


def _imports(rows: Contribution) -> dict[str, list[str]]:
    """The import lines of each hub, besides those of its own text."""
    guard = [f"from app.api.deps import {rows.resource_guard}"] * bool(rows.resource_guard)
    storage = next(row.module for row in rows.resources if row.name == MEMORY.name)
    session = f"{storage.rpartition('.')[0]}.session"
    return {
        "conftest_imports": _sorted(
            f"from {storage} import Database, open_database",
            f"from {session} import Session",
            "from app.settings import Settings",
            "from tests.serving import application, connect, started",
            *rows.client_imports,
        ),
        "deps_imports": _sorted(
            "from app.core.pagination import CursorCodec",
            "from app.core.health import Readiness",
            "from app.lifespan import Connection",
            f"from {session} import ReadSession, Session",
            "from app.settings import Settings",
            *(row.import_line for row in rows.guards),
        ),
        "lifespan_imports": _sorted(
            "from app.core.pagination import CursorCodec",
            "from app.core.health import Readiness",
            "from app.core.http_client import open_http_client",
            "from app.core.shutdown import ShutdownHook, drain_before_exit",
            "from app.settings import Settings",
            *(f"from {row.module} import {row.names}" for row in rows.resources),
            *["from app.db.changes import report_changes"] * (REPORTED in rows.foundations),
        ),
        "main_imports": _sorted(
            "from app import __version__",
            "from app.api.deps import EVERY_REQUEST",
            "from app.api.router import include_routers",
            "from app.lifespan import lifespan",
            "from app.core.logging import configure_logging",
            "from app.core.openapi import extend_openapi, operation_id",
            "from app.core.problems import EXCEPTION_HANDLERS",
            "from app.core.routing import flatten_routes",
            "from app.middleware import middleware",
            "from app.settings import Settings, get_settings",
            *(row.import_line for row in (*rows.application_hooks, *rows.background)),
        ),
        "router_imports": _sorted(
            "from app.api.health import router as health",
            "from app.api.v1.router import router as resources",
            *guard,
            *(row.import_line for row in rows.scope_guards if _has_scopes(rows)),
            *(f"from {row.module} import router as {row.alias}" for row in rows.routers),
        ),
        "settings_imports": _sorted(
            *(row.import_line for row in (CORE_SETTINGS, *rows.settings)),
        ),
    }


def _has_scopes(rows: Contribution) -> bool:
    return any(router.scopes for router in rows.routers)


def _sorted(*lines: str) -> list[str]:
    return sorted(lines)


def _include(router: Router, rows: Contribution) -> str:
    """The statement that includes a router, on as many lines as a formatter gives it."""
    arguments = [router.alias]
    if router.prefix:
        arguments += [f'prefix="{API}{router.prefix}"', f'tags=["{router.alias}"]']
    guard = rows.resource_guard
    if router.scopes and rows.scope_guards:
        guard = f'[*{guard}, {rows.scope_guards[0].name}("{router.scopes}")]'
    if guard and (router.protected or router.scopes):
        arguments.append(f"dependencies={guard}")
    return _call("    ", "app.include_router", arguments)


def _call(indent: str, function: str, arguments: Sequence[str]) -> str:
    line = f"{indent}{function}({', '.join(arguments)})"
    if len(line) <= WIDTH:
        return line
    inner = f"{indent}    {', '.join(arguments)}"
    if len(inner) > WIDTH:
        inner = "\n".join(f"{indent}    {argument}," for argument in arguments)
    return f"{indent}{function}(\n{inner}\n{indent})"


def _bracketed(modules: Sequence[str]) -> str:
    """A list of the names of modules, on as many lines as a formatter gives it."""
    quoted = [f'"{module}"' for module in modules]
    line = f"[{', '.join(quoted)}]"
    if len(f"pytest_plugins = {line}") <= WIDTH:
        return line if modules else ""
    return "[\n" + "".join(f"    {each},\n" for each in quoted) + "]"
