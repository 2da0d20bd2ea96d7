"""A new project, set up and checked by each way that its README names, from nothing."""

import os
import re
import subprocess
import sysconfig
from pathlib import Path

import pytest
import uv

from tests.environment import Environment
from tests.live.server import CLIENT, serve
from tests.support import fastgen

TOOLS = [Path(uv.find_uv_bin()).parent, Path(sysconfig.get_path("scripts"))]  # just is in the last


def fresh(folder: Path) -> dict[str, str]:
    """The variables of somebody who has never installed anything."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    kept = re.compile(r"(PIP|UV|SSL|LANG)|.*_proxy$", re.IGNORECASE)
    return {
        **{name: value for name, value in os.environ.items() if kept.match(name)},
        "HOME": str(home),
        "PATH": os.pathsep.join([*map(str, TOOLS), os.environ["PATH"]]),
        "PIP_NO_CACHE_DIR": "1",
        "PIP_NO_COMPILE": "1",  # most of what is installed is never imported
        "UV_CACHE_DIR": str(folder / "cache"),
        "UV_LINK_MODE": "copy",
    }


def shell(line: str, project: Path) -> str:
    """What a line of the README prints."""
    done = subprocess.run(
        ["sh", "-c", line],
        cwd=project,
        env=fresh(project.parent),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{line}\n{done.stdout}"
    return done.stdout


def new(folder: Path, *options: str) -> Path:
    result = fastgen("new", "shop", "--yes", *options, cwd=folder, env=fresh(folder))
    assert result.code == 0, result.err
    return folder / "shop"


def lines(project: Path) -> dict[str, str]:
    """The commands of the README: that with just, and the line that works without."""
    readme = (project / "README.md").read_text("utf-8")
    return dict(re.findall(r"^\| `(just \w+)` \| `(.+?)` \|", readme, re.MULTILINE))


def answers(project: Path) -> bool:
    """Whether the service starts, is ready, and shows its documentation."""
    with serve(project, Environment(project / ".venv", forks=False)) as server:
        ready = CLIENT.get(f"{server.url}/ready")
        documentation = CLIENT.get(f"{server.url}/docs")
    return (ready.status_code, documentation.status_code) == (200, 200)


def pip_line(project: Path) -> str:
    (line,) = re.findall(r"^python3 -m venv .*$", (project / "README.md").read_text(), re.MULTILINE)
    return str(line)


def test_the_readme_says_what_the_recipes_do(plain_project: Path) -> None:
    justfile = (plain_project / "justfile").read_text("utf-8")
    recipes = dict(
        re.findall(r"^(\w+)(?: \*\w+)?:\n    (.+?)(?: {{ options }})?$", justfile, re.MULTILINE)
    )

    assert len(lines(plain_project)) >= 4
    for command, line in lines(plain_project).items():
        assert recipes[command.removeprefix("just ")] == line


def test_with_just(tmp_path: Path) -> None:
    project = new(tmp_path)

    shell("just setup", project)

    assert " passed" in shell("just check", project)
    assert (project / "uv.lock").is_file()
    assert answers(project)


def test_installed_by_fastgen(tmp_path: Path) -> None:
    project = new(tmp_path, "--install")

    # The other checks need what the same command has installed.
    tests = lines(project)["just check"].rpartition(" && ")[2]
    assert " passed" in shell(tests, project)
    shell(lines(project)["just migrate"], project)
    assert answers(project)


@pytest.mark.parametrize("options", [[], ["--with=none", "--no-example"]])
def test_with_pip(tmp_path: Path, options: list[str]) -> None:
    project = new(tmp_path, *options)
    shell(pip_line(project), project)

    check = lines(project)["just check"].replace("uv run ", "")

    assert " passed" in shell(f". .venv/bin/activate && {check}", project)
    if not options:
        shell(". .venv/bin/activate && alembic upgrade head", project)
    assert answers(project)
