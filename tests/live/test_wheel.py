"""The wheel holds what it must and nothing else, and works where nothing but it is installed."""

import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
import uv

from fastgen.rendering.template_folder import template_files
from tests.support import FASTGEN, ROOT, TEMPLATES, contents


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources in which somebody has worked."""
    folder = tmp_path_factory.mktemp("checkout") / "fastgen"
    ignored = shutil.ignore_patterns(".*", "snapshots", "tests")
    shutil.copytree(ROOT, folder, ignore=ignored)
    for part in ("src", "templates"):  # with the files that begin with a dot
        shutil.rmtree(folder / part)
        shutil.copytree(ROOT / part, folder / part)
    for place in ("src/fastgen", "templates/resource", "templates/core/app"):
        for leftover in ("__pycache__/junk.pyc", "junk.pyc", ".ruff_cache/junk", ".DS_Store"):
            path = folder / place / leftover
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(b"")
    return folder


@pytest.fixture(scope="module", params=["--wheel", "--sdist"])
def wheel(
    request: pytest.FixtureRequest, checkout: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Made from the checkout, or from the archive of the sources."""
    built = tmp_path_factory.mktemp("built")
    build = [uv.find_uv_bin(), "build", "--quiet", f"--out-dir={built}"]
    if request.param == "--sdist":
        run(*build, "--sdist", checkout, cwd=built)
        run(*build, "--wheel", *built.glob("*.tar.gz"), cwd=built)
    else:
        run(*build, "--wheel", checkout, cwd=built)
    (made,) = built.glob("*.whl")
    return made


def test_it_holds_the_package_and_the_templates(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}

    sources = {f"fastgen/{path}" for path in template_files(ROOT / "src" / "fastgen")}
    assert names == sources | {f"fastgen/_templates/{path}" for path in template_files(TEMPLATES)}
    assert not any(name.rpartition("/")[2].startswith("junk") for name in names)


def test_it_makes_the_project_that_the_checkout_makes(wheel: Path, tmp_path: Path) -> None:
    tool, python = uv.find_uv_bin(), tmp_path / "venv" / "bin" / "python"
    run(tool, "venv", "--quiet", "--python=3.11", tmp_path / "venv", cwd=tmp_path)
    run(tool, "pip", "install", "--quiet", f"--python={python}", wheel, cwd=tmp_path)
    new = ["new", "shop", "--yes", "--no-git", "--dir"]

    for folder, command in {
        "of the wheel": [str(python.with_name("fastgen"))],
        "as a module": [str(python), "-m", "fastgen"],
        "of the checkout": FASTGEN,
    }.items():
        (tmp_path / folder).mkdir()
        run(*command, *new, folder, cwd=tmp_path)

    expected = contents(tmp_path / "of the checkout")
    assert contents(tmp_path / "of the wheel") == expected
    assert contents(tmp_path / "as a module") == expected
