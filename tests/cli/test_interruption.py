"""Signals at any moment, and many commands at once."""

import os
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support import FASTGEN, Result, contents, fastgen, snapshot


@pytest.fixture(scope="module")
def complete(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What an undisturbed command makes."""
    folder = tmp_path_factory.mktemp("complete")
    fastgen("new", "shop", cwd=folder)
    return contents(folder / "shop")


@pytest.fixture(scope="module")
def duration(tmp_path_factory: pytest.TempPathFactory) -> float:
    """How long a command takes here, in seconds."""
    folder = tmp_path_factory.mktemp("duration")
    fastgen("new", "warm", cwd=folder)
    started = time.perf_counter()
    fastgen("new", "shop", cwd=folder)
    return time.perf_counter() - started


def is_old_or_new(folder: Path, before: object, complete: dict[str, bytes]) -> bool:
    if (folder / "shop").exists():
        return contents(folder / "shop") == complete and os.listdir(folder) == ["shop"]
    return snapshot(folder) == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("moment", [0.1, 0.3, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 1.0])
def test_a_signal_leaves_the_old_tree_or_the_new_one(
    tmp_path: Path,
    number: signal.Signals,
    moment: float,
    duration: float,
    complete: dict[str, bytes],
) -> None:
    before = snapshot(tmp_path)
    with subprocess.Popen(
        [*FASTGEN, "new", "shop"],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        time.sleep(duration * moment)
        process.send_signal(number)
        process.send_signal(number)
        process.wait()

    assert is_old_or_new(tmp_path, before, complete)
    if (tmp_path / "shop").exists():
        assert process.returncode in {0, -number, 128 + number}
    else:
        # Before the first line of fastgen ran, Python itself was stopped.
        assert process.returncode in {128 + number, -number}


@pytest.mark.parametrize("moment", [0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95])
@pytest.mark.parametrize("existing", [True, False])
def test_what_a_kill_leaves_is_cleared_by_the_next_command(
    tmp_path: Path, moment: float, existing: bool, duration: float, complete: dict[str, bytes]
) -> None:
    arguments = ["new", "."] if existing else ["new", "shop"]
    folder = tmp_path / "shop" if existing else tmp_path
    folder.mkdir(exist_ok=True)
    with subprocess.Popen(
        [*FASTGEN, *arguments],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        time.sleep(duration * moment)
        process.kill()
        process.wait()

    again = fastgen(*arguments, cwd=folder)

    assert again.code in {0, 3}
    assert os.listdir(tmp_path) == ["shop"]
    assert contents(tmp_path / "shop") == complete


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
