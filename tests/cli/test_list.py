import shutil
from pathlib import Path

from tests.support import fastgen


def test_patterns_on_offer(tmp_path: Path) -> None:
    plain = fastgen("list", cwd=tmp_path)
    document = fastgen("list", "patterns", "--json", cwd=tmp_path).document

    assert plain.code == 0
    assert [line.split()[0] for line in plain.out.splitlines()] == document["patterns"]
    assert [entry["name"] for entry in document["data"]] == document["patterns"]
    assert all(entry.keys() == {"name", "summary"} for entry in document["data"])


def test_middleware(tmp_path: Path) -> None:
    lines = fastgen("list", "middleware", cwd=tmp_path).out.splitlines()

    assert [line.split()[0] for line in lines][:2] == ["request-id", "access-log"]
    assert "(in every project)" in lines[0]
    assert "timing" in {line.split()[0] for line in lines}


def test_routers_of_a_project(plain_project: Path) -> None:
    result = fastgen("list", "routers", cwd=plain_project)

    assert [line.split()[0] for line in result.out.splitlines()] == ["items", "feedback"]


def test_a_router_has_the_fields_that_were_added_later(plain_project: Path, tmp_path: Path) -> None:
    project = Path(shutil.copytree(plain_project, tmp_path / "shop"))
    fastgen("add", "router", "orders", "--field", "total:decimal", cwd=project)
    fastgen("add", "field", "orders", "note:text:optional", cwd=project)

    listed = fastgen("list", "routers", "--json", cwd=project).document["data"]

    assert listed[-1] == {"name": "orders", "summary": "total:decimal, note:text:optional"}


def test_no_routers(plain_project: Path, tmp_path: Path) -> None:
    shutil.copy(plain_project / ".fastgen.toml", tmp_path)

    assert fastgen("list", "routers", "--json", cwd=tmp_path).document["data"] == []


def test_routers_outside_of_a_project(tmp_path: Path) -> None:
    result = fastgen("list", "routers", cwd=tmp_path)

    assert result.code == 4
    assert "is not in a project of fastgen" in result.err
