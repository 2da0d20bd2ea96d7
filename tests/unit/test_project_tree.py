"""What the state of a project describes is the project, as long as nobody has edited it."""

from pathlib import Path

import pytest

from fastgen.planning.project_tree import project_tree
from fastgen.project.state import read_state
from tests.support import contents, fastgen


@pytest.mark.parametrize("patterns", ["none", "database", "all"])
def test_it_equals_the_tree_on_the_disk(tmp_path: Path, patterns: str) -> None:
    fastgen("new", "shop", "--with", patterns, "--no-git", "--yes", cwd=tmp_path)
    project = tmp_path / "shop"
    for command in (
        ["router", "orders", "--field=total:decimal", "--field=item:ref(items)"],
        ["middleware", "rate-limit"],
        ["router", "order_lines", "--field=order:ref(orders)"],
        ["middleware", "audit"],
    ):
        assert fastgen("add", *command, cwd=project).code == 0
    assert fastgen("remove", "router", "feedback", cwd=project).code == 0

    described = project_tree(read_state(project))

    found = contents(project)
    assert described == {path: found[path] for path in found if not path.startswith(".fastgen")}, {
        path for path in {*described, *found} if described.get(path) != found.get(path)
    }
