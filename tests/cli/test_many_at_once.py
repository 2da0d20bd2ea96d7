"""Many commands at once."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support import Result, contents, fastgen


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
