"""A pytest plugin that measures test files and records the result in `docs/test-suite.md`.

`just timings` runs it; files that did not run keep their rows, so give it whole files.
"""

import os
import re
import resource
import time
from collections.abc import Generator
from typing import Any

import pytest

from tests.forked import cpu_seconds
from tests.support import ROOT

TABLE = ROOT / "docs" / "test-suite.md"
HEAD = """# Where the time of the test suite goes

Written by `just timings` on a machine with {cores} cores. CPU is that of the tests and of all
processes that they started, but for commands that `tests/command_line.py` forks. Wall time depends
on what else ran on the machine. A row is a file, all unit tests, or one test of `test_projects.py`
for all projects. A file without a row has not been measured yet.

| tests | number | wall, s | CPU, s |
| --- | ---: | ---: | ---: |
"""
Row = tuple[int, float, float]
"""The number of tests, and their wall and CPU seconds."""
_measured: dict[str, Row] = {}


def group(nodeid: str) -> str:
    """The row that a test belongs to."""
    path, _, rest = nodeid.removeprefix("tests/").partition("::")
    if path.startswith("unit/"):
        return "unit"
    test = re.split(r"[\[@]", rest)[0]
    return f"{path}: {test.removeprefix('test_')}" if path == "matrix/test_projects.py" else path


def _add(name: str, row: Row) -> None:
    count, wall, cpu = _measured.get(name, (0, 0.0, 0.0))
    _measured[name] = (count + row[0], wall + row[1], cpu + row[2])


def _cpu() -> float:
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages) + cpu_seconds()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Measure a test with the fixtures that are set up and torn down with it."""
    wall, cpu = time.monotonic(), _cpu()
    try:
        return (yield)
    finally:
        _add(group(item.nodeid), (1, time.monotonic() - wall, _cpu() - cpu))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand the rows to the process that started this one, or record them."""
    output = getattr(session.config, "workeroutput", None)
    if output is None:
        _record()
    else:
        output["timings"] = _measured


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take the rows of a process of pytest-xdist."""
    for name, row in getattr(node, "workeroutput", {}).get("timings", {}).items():
        _add(name, row)


def _record() -> None:
    rows = _recorded() | _measured
    rows.pop("all", None)
    counts, walls, cpus = zip(*rows.values(), strict=True)
    lines = [
        f"| {name} | {count} | {wall:.0f} | {cpu:.0f} |\n"
        for name, (count, wall, cpu) in [
            *sorted(rows.items(), key=lambda row: -row[1][2]),
            ("all", (sum(counts), sum(walls), sum(cpus))),
        ]
    ]
    TABLE.write_text(HEAD.format(cores=os.cpu_count()) + "".join(lines), "utf-8")


def _recorded() -> dict[str, Row]:
    text = TABLE.read_text("utf-8") if TABLE.exists() else ""
    found = re.findall(r"^\| (.+) \| (\d+) \| (\d+) \| (\d+) \|$", text, re.MULTILINE)
    return {name: (int(count), float(wall), float(cpu)) for name, count, wall, cpu in found}
