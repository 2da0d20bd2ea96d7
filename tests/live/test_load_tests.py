"""The extra `load-test`, run for real: within its budget, and with a broken one."""

import os
import re
import subprocess
from pathlib import Path

import pytest
import uv

from fastgen.project.operations import EXAMPLES, Operation
from tests.environment import Environment
from tests.live.server import serve
from tests.support import generate

LOAD = [uv.find_uv_bin(), "run", "--quiet", "--no-project", "--with=locust>=2.47"]
LOOSE = [("seconds = 20", "seconds = 8"), (r"p95_(\w+) = \d+", r"p95_\1 = 100000")]
"""A machine of tests may be busy: nothing but failures breaks this budget."""
BROKEN = [*LOOSE, ("p95_ratio = 100000", "p95_ratio = 0.001")]


@pytest.mark.parametrize("patterns", [("database",), ("auth",)], ids=lambda found: found[0])
def test_the_budget_is_checked(
    patterns: tuple[str, ...], environment: Environment, tmp_path: Path
) -> None:
    operations = (*EXAMPLES, Operation("extra", "load-test"))
    project = generate(tmp_path, patterns=patterns, operations=operations)
    environment.migrate(project)
    with serve(project, environment) as server:
        passed, failed = (run(project, server.url, change) for change in (LOOSE, BROKEN))

    assert passed.returncode == 0, passed.stdout + passed.stderr
    assert passed.stdout.endswith("The service is within its budget.\n")
    assert failed.returncode == 1
    assert failed.stdout.count("times as long as GET /health") == 3


def run(
    project: Path, url: str, changes: list[tuple[str, str]]
) -> subprocess.CompletedProcess[str]:
    budget = project / "load_tests" / "budget.toml"
    text = budget.read_text("utf-8")
    for pattern, replacement in changes:
        text = re.sub(pattern, replacement, text)
    budget.write_text(text, "utf-8")
    return subprocess.run(
        [*LOAD, "python", "-m", "load_tests", "--host", url],
        cwd=project,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
