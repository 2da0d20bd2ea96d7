"""Output that goes nowhere, or to something that knows only ASCII; and a Ctrl-C at the start."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.support import FASTGEN, contents, fastgen

ASCII = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "C", "LANG": "C"}
TITLE = "Größer 📦"


def test_a_true_ascii_locale(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as out:
        done = subprocess.run(
            [*FASTGEN, "new", "shop", "--title", TITLE],
            cwd=tmp_path,
            env=os.environ | ASCII,
            stdin=subprocess.DEVNULL,
            stdout=out,
            check=False,
        )

    assert done.returncode == 0
    assert (tmp_path / "out").read_bytes().isascii()
    assert f"# {TITLE}\n".encode() in (tmp_path / "shop" / "README.md").read_bytes()


def test_the_same_files_in_an_ascii_locale(tmp_path: Path) -> None:
    for name, variables in (("ascii", ASCII), ("utf8", {})):
        (tmp_path / name).mkdir()
        fastgen("new", "shop", "--title", TITLE, cwd=tmp_path / name, env=variables)

    assert contents(tmp_path / "ascii" / "shop") == contents(tmp_path / "utf8" / "shop")


def test_an_error_in_an_ascii_locale(tmp_path: Path) -> None:
    result = fastgen("new", "ﬁn", "--json", cwd=tmp_path, env=ASCII)

    assert result.code == 2
    assert result.document["error"]["code"] == "bad_input"


@pytest.mark.parametrize("arguments", [["new", "shop"], ["new", "shop", "--json"], ["--help"]])
def test_nobody_reads(tmp_path: Path, arguments: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [*FASTGEN, *arguments],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writer)

    assert done.stderr == b""
    assert done.returncode == 0
    if arguments[0] == "new":
        assert (tmp_path / "shop" / "app" / "main.py").exists()


def test_closed_streams(tmp_path: Path) -> None:
    command = " ".join(FASTGEN)
    done = subprocess.run(
        ["sh", "-c", f"{command} new shop <&- >&- 2>&-"], cwd=tmp_path, check=False
    )

    assert done.returncode == 0
    assert (tmp_path / "shop" / "app" / "main.py").exists()


def test_output_to_a_full_disk(tmp_path: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*FASTGEN, "new", "shop"],
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )

    assert done.returncode == 0
    assert (tmp_path / "shop" / "app" / "main.py").exists()


@pytest.mark.parametrize("arguments", [["new", "bad!"], ["new", "bad!", "--debug"]])
def test_an_error_to_a_full_disk(tmp_path: Path, arguments: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*FASTGEN, *arguments],
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=full,
            check=False,
        )

    assert done.returncode == 2


def test_ctrl_c_during_the_imports(tmp_path: Path) -> None:
    (tmp_path / "typer.py").write_text("raise KeyboardInterrupt\n")
    done = subprocess.run(
        [*FASTGEN, "new", "shop"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == "error: Stopped by SIGINT.\nhint: Nothing was written.\n"
    assert not (tmp_path / "shop").exists()
