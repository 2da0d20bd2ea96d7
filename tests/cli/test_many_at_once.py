"""Many commands at once."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fastgen.migrations.revisions import head, read_revisions
from fastgen.planning.project_tree import project_tree
from fastgen.project.state import read_state
from tests.support import Result, contents, fastgen, generate


@pytest.fixture(scope="module")
def complete(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The project that one command makes."""
    folder = tmp_path_factory.mktemp("complete")
    fastgen("new", "shop", cwd=folder)
    return contents(folder / "shop")


def test_of_twenty_at_once_one_wins(tmp_path: Path, complete: dict[str, bytes]) -> None:
    def new(_: int) -> Result:
        return fastgen("new", "shop", cwd=tmp_path)

    with ThreadPoolExecutor(20) as pool:
        codes = sorted(result.code for result in pool.map(new, range(20)))

    assert codes == [0] + [3] * 19
    assert os.listdir(tmp_path) == ["shop"]
    assert contents(tmp_path / "shop") == complete


def test_of_twenty_at_once_in_one_folder_one_wins(
    tmp_path: Path, complete: dict[str, bytes]
) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()

    def new(_: int) -> Result:
        return fastgen("new", ".", cwd=folder)

    with ThreadPoolExecutor(20) as pool:
        codes = sorted(result.code for result in pool.map(new, range(20)))

    assert codes == [0] + [3] * 19
    assert contents(folder) == complete
    assert not [name for name in os.listdir(folder) if name.startswith(".fastgen-")]


def test_twenty_different_ones_at_once(tmp_path: Path) -> None:
    def new(number: int) -> Result:
        return fastgen("new", f"shop{number}", cwd=tmp_path)

    with ThreadPoolExecutor(20) as pool:
        codes = [result.code for result in pool.map(new, range(20))]

    assert codes == [0] * 20
    assert len(os.listdir(tmp_path)) == 20


def test_merges_at_once_are_all_made(tmp_path: Path) -> None:
    """Each waits for the others, and merges into what they have left."""
    project = generate(tmp_path, patterns=("database",))
    main = project / "app" / "main.py"
    main.write_text(f"# Own.\n{main.read_text()}")

    def run(command: str) -> Result:
        return fastgen(*command.split(), "--json", cwd=project)

    commands = (
        "add pattern cache",
        "add pattern streaming",
        "add pattern websockets",
        "add field items note:text:optional",
        "add extra metrics",
        "remove field items price",
    )
    with ThreadPoolExecutor(len(commands)) as pool:
        results = [*pool.map(run, commands)]

    assert [result.code for result in results] == [0] * len(commands), results
    state = read_state(project)
    assert state.answers.patterns == ("database", "cache", "streaming", "websockets")
    expected = project_tree(state)
    expected["app/main.py"] = b"# Own.\n" + expected["app/main.py"]
    found = contents(project)
    assert {path: found[path] for path in expected if "/versions/" not in path} == {
        path: content for path, content in expected.items() if "/versions/" not in path
    }
    assert head(read_revisions(project)) is not None
    assert not [name for name in os.listdir(project) if name.startswith(".fastgen-")]
