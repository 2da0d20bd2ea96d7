"""Every command in a project with a damaged state ends with 4 and changes nothing."""

import shutil
from pathlib import Path

import pytest

from tests.support import fastgen, snapshot

COMMANDS = [
    "add router orders",
    "add middleware timing",
    "add middleware timing --dry-run",
    "remove router items",
    "remove middleware timing",
    "list routers",
    "list middleware",
]


@pytest.fixture
def project(plain_project: Path, tmp_path: Path) -> Path:
    shutil.copytree(plain_project, tmp_path / "shop")
    return tmp_path / "shop"


@pytest.mark.parametrize("command", COMMANDS)
def test_a_tampered_operation(project: Path, command: str) -> None:
    path = project / ".fastgen" / "operations" / "router-items.toml"
    path.write_text(path.read_text().replace('name = "items"', 'name = "../items"'))
    before = snapshot(project)

    result = fastgen(*command.split(), "--json", cwd=project)

    assert (result.code, result.document["exit_code"]) == (4, 4)
    assert result.document["error"]["code"] == "not_a_project"
    assert ("data" in result.document) == command.startswith("list")
    assert snapshot(project) == before


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("app", 'fields = ["name:str"]'),
        ("orders", ""),
        ("orders", "fields = []"),
        ("orders", 'fields = ["name:evil"]'),
        ("orders", 'fields = ["name:str", "name:str"]'),
        ("orders", 'fields = ["name:str"]\nsingular = "base"'),
        ("staff", 'fields = ["name:str"]'),
    ],
)
@pytest.mark.parametrize(
    "command", ["add middleware timing", "remove router NAME", "list routers", "list middleware"]
)
def test_an_operation_that_cannot_be_added(
    project: Path, name: str, options: str, command: str
) -> None:
    path = project / ".fastgen" / "operations" / f"router-{name}.toml"
    path.write_text(f'kind = "router"\nname = "{name}"\n{options}\nafter = ""\n')
    before = snapshot(project)

    result = fastgen(*command.replace("NAME", name).split(), cwd=project)

    assert result.code == (2 if command == "remove router NAME" and name == "app" else 4)
    assert snapshot(project) == before


def test_a_middleware_with_a_name_that_is_too_long(project: Path) -> None:
    name = "a" * 200
    path = project / ".fastgen" / "operations" / f"middleware-{name}.toml"
    path.write_text(f'kind = "middleware"\nname = "{name}"\nafter = ""\n')

    assert fastgen("add", "middleware", "timing", cwd=project).code == 4


@pytest.mark.parametrize("path", [".fastgen", ".fastgen/operations"])
def test_a_folder_that_leads_outside(project: Path, path: str, tmp_path: Path) -> None:
    outside = (project / path).rename(tmp_path / "outside")
    (project / path).symlink_to(outside)
    before = snapshot(tmp_path)

    result = fastgen("add", "middleware", "timing", cwd=project)

    assert result.code == 4
    assert f"`{project / path}` is damaged: it is not a folder." in result.err
    assert snapshot(tmp_path) == before


def test_a_project_of_the_first_schema(project: Path) -> None:
    path = project / ".fastgen.toml"
    path.write_text(path.read_text().replace("schema = 2", "schema = 1"))

    result = fastgen("list", "routers", cwd=project)

    assert result.code == 4
    assert "was written by another version of fastgen" in result.err


def test_a_folder_with_operations_alone_is_not_empty(tmp_path: Path) -> None:
    (tmp_path / "shop" / ".fastgen" / "operations").mkdir(parents=True)
    before = snapshot(tmp_path)

    result = fastgen("new", ".", cwd=tmp_path / "shop")

    assert result.code == 3
    assert "is not empty" in result.err
    assert snapshot(tmp_path) == before


def test_the_folders_of_the_last_operation_go(project: Path) -> None:
    for name in ("feedback", "items"):
        assert (project / ".fastgen").is_dir()
        assert fastgen("remove", "router", name, cwd=project).code == 0

    assert not (project / ".fastgen").exists()
    assert fastgen("add", "router", "orders", cwd=project).code == 0
    assert fastgen("list", "routers", cwd=project).out.startswith("orders ")
