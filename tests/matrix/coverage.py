"""Runs the own tests of every combination with coverage, and writes the table in docs.

The test suite runs them too, but measures the coverage of a few: `python -m tests.matrix.coverage`.
"""

import os
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from fastgen.middleware.catalogue import known
from fastgen.project.operations import Operation
from fastgen.project.patterns import names
from tests.environment import Environment, prepare
from tests.matrix.combinations import ALL, Combination, label
from tests.support import ROOT, generate

TABLE = ROOT / "docs" / "coverage.md"
HEAD = """# Every combination, by its own tests

Written by `just coverage`: each of the {count} projects was generated, and its own tests ran, with
branches measured. A project requires 85 %.

| patterns | tests | coverage, % |
| --- | --- | --- |
"""


def main() -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        added = [Operation("middleware", middleware) for middleware in known()]
        environment = prepare(generate(folder / "fullest", patterns=names(), operations=added))
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            rows = list(pool.map(lambda one: _row(folder, environment, one), ALL))
    TABLE.write_text(HEAD.format(count=len(ALL)) + "".join(rows), "utf-8")


def _row(folder: Path, environment: Environment, combination: Combination) -> str:
    project = generate(folder / label(combination), patterns=combination)
    result = environment.run("pytest", "-q", "--cov", cwd=project)
    passed = re.search(r"^(\d+) passed[ ,]", result.out, re.MULTILINE)
    covered = re.search(r"Total coverage: ([\d.]+)%", result.out)
    if result.code or passed is None or covered is None:
        sys.exit(f"{label(combination)}: {result.out}")
    row = f"| {', '.join(combination) or 'none'} | {passed[1]} | {covered[1]} |\n"
    print(row, end="", flush=True)
    return row


if __name__ == "__main__":
    main()
