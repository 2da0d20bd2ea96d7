"""The limit of the coverage in `pyproject.toml`: a project without resources has fewer tests."""

import re
from collections.abc import Collection
from pathlib import Path

from fastgen.changes import Change
from fastgen.project.operations import Operation
from fastgen.rendering.project_renderer import coverage_limit

FILE = "pyproject.toml"


def change_limit(
    root: Path, before: Collection[Operation], after: Collection[Operation]
) -> list[Change]:
    """The change of the limit when the first resource comes or the last one goes.

    Another limit than that of fastgen stays.
    """
    old, new = (coverage_limit(has_resources=_has_resources(one)) for one in (before, after))
    if old == new or not (root / FILE).is_file():
        return []
    text = (root / FILE).read_bytes().decode("utf-8", "surrogateescape")
    pattern = rf"^fail_under = {old}(?=\r?$)"
    changed = re.sub(pattern, f"fail_under = {new}", text, count=1, flags=re.MULTILINE)
    return [Change(FILE, changed)] if changed != text else []


def _has_resources(operations: Collection[Operation]) -> bool:
    return any(one.kind == "router" for one in operations)
