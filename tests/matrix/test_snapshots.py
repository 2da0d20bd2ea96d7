"""Tier 1: whole trees, kept to be reviewed as diffs.

`FASTGEN_UPDATE_SNAPSHOTS=1` writes them anew.
"""

import difflib
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from fastgen.planning.plan_add import replayed
from fastgen.project.operations import EXAMPLES, Operation
from tests.matrix.combinations import ALL
from tests.support import ROOT, contents, generate

SNAPSHOTS = ROOT / "tests" / "snapshots"
ORDER_LINES = Operation(
    "router",
    "order_lines",
    {
        "fields": (
            "label:str:max=40:not=none",
            "amount:int:min=1:default=1",
            "price:decimal:min=0",
            "state:enum(new|paid|sent):default=new",
            "note:text:optional",
        )
    },
)


Tree = Mapping[str, bytes]


def whole(folder: Path, patterns: tuple[str, ...]) -> Tree:
    return contents(generate(folder, patterns=patterns))


def one_slice(folder: Path, patterns: tuple[str, ...]) -> Tree:
    project = generate(folder, patterns=patterns, operations=EXAMPLES)
    changes = replayed(project, patterns, ORDER_LINES, EXAMPLES)
    return {change.path: (change.text or "").encode() for change in changes}


@pytest.mark.parametrize(
    ("name", "render", "patterns"),
    [
        ("none", whole, ALL[0]),
        ("none-order_lines", one_slice, ALL[0]),
        *([("all", whole, ALL[-1]), ("all-order_lines", one_slice, ALL[-1])] * (len(ALL) > 1)),
    ],
)
def test_the_tree_is_the_one_on_record(
    name: str,
    render: Callable[[Path, tuple[str, ...]], Tree],
    patterns: tuple[str, ...],
    tmp_path: Path,
) -> None:
    rendered = render(tmp_path, patterns)
    record = SNAPSHOTS / name
    if os.environ.get("FASTGEN_UPDATE_SNAPSHOTS"):
        shutil.rmtree(record, ignore_errors=True)
        for path, content in rendered.items():
            (record / path).parent.mkdir(parents=True, exist_ok=True)
            (record / path).write_bytes(content)
    recorded = contents(record)

    assert difference(recorded, rendered) == ""


def difference(before: Tree, after: Tree) -> str:
    """What changed, as a diff of all files."""
    lines: list[str] = []
    for path in sorted(before.keys() | after.keys()):
        old, new = (
            tree.get(path, b"").decode("utf-8").splitlines(keepends=True)
            for tree in (before, after)
        )
        lines += difflib.unified_diff(old, new, f"recorded/{path}", f"rendered/{path}")
    return "".join(lines)
