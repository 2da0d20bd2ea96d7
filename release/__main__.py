"""Makes the files of a release in `dist/`, and checks them: `python -m release`.

It publishes nothing, and commits nothing. What it changes in the checkout is the archive.
"""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import uv

from fastgen import __version__
from release.cut_archive import CHECKOUT, add_version

DIST = CHECKOUT / "dist"


def main() -> None:
    """Archive the version, build it, and check what was built.

    Raises:
        SystemExit: the changelog lacks the version, or a step fails.
    """
    if f"\n## {__version__}" not in (CHECKOUT / "CHANGELOG.md").read_text("utf-8"):
        raise SystemExit(f"CHANGELOG.md has no section `## {__version__}`.")
    number = add_version(CHECKOUT)
    tool = uv.find_uv_bin()
    shutil.rmtree(DIST, ignore_errors=True)
    _run(tool, "build", "--quiet", f"--out-dir={DIST}", str(CHECKOUT))
    built = sorted(map(str, DIST.glob("*.whl"))) + sorted(map(str, DIST.glob("*.tar.gz")))
    _run(tool, "tool", "run", "twine", "check", "--strict", *built)
    for file in built:
        check_in_fresh_environment(tool, file, number)
    sys.stdout.write(f"dist/ has fastgen {number}. Commit the archive before you publish it.\n")


def check_in_fresh_environment(tool: str, file: str, number: str) -> None:
    """Install a file with nothing else, and make a project.

    Raises:
        SystemExit: it does not work, or it is of another version.
    """
    with TemporaryDirectory(prefix="fastgen-") as name:
        folder = Path(name)
        _run(tool, "venv", "--quiet", "--python=3.11", "venv", cwd=folder)
        scripts = folder / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
        _run(tool, "pip", "install", "--quiet", f"--python={scripts / 'python'}", file, cwd=folder)
        fastgen = str(scripts / "fastgen")
        found = _run(fastgen, "--version", cwd=folder)
        if found != f"fastgen {number}\n":
            raise SystemExit(f"{file} is {found}")
        _run(fastgen, "new", "shop", "--with", "all", "--yes", "--no-git", cwd=folder)
        _run(fastgen, "update", "--check", cwd=folder / "shop")


def _run(*command: str, cwd: Path = CHECKOUT) -> str:
    done = _done(command, cwd)
    if done.returncode:
        raise SystemExit(f"`{' '.join(command)}` failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def _done(command: Sequence[str], cwd: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, cwd=cwd, check=False, capture_output=True, text=True)


if __name__ == "__main__":
    main()
