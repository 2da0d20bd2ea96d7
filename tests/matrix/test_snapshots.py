"""Rendered files on record, to be reviewed as diffs; `just snapshots` writes them anew.

Files that are copied from a template are not recorded: the template is in the diff already.
"""

import difflib
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from fastgen.project.operations import EXAMPLES, Operation
from fastgen.rendering.template_folder import template_files
from tests.matrix.combinations import ALL
from tests.support import ROOT, TEMPLATES, contents, generate

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


def rendered(tree: Tree) -> Tree:
    """The files of a project that are not copies of a template."""
    copied = {
        (TEMPLATES / path).read_bytes()
        for path in template_files(TEMPLATES)
        if not path.endswith(".jinja")
    }
    return {path: content for path, content in tree.items() if content not in copied}


def project(folder: Path, patterns: tuple[str, ...]) -> Tree:
    return contents(generate(folder, patterns=patterns))


def resource(folder: Path, patterns: tuple[str, ...]) -> Tree:
    operations = (*EXAMPLES, ORDER_LINES)
    before = contents(generate(folder / "before", patterns=patterns))
    after = contents(generate(folder / "after", patterns=patterns, operations=operations))
    return {
        path: content
        for path, content in after.items()
        if before.get(path) != content and not path.startswith(".fastgen")
    }


@pytest.mark.parametrize(
    ("name", "render", "patterns"),
    [
        ("none", project, ALL[0]),
        ("none-order_lines", resource, ALL[0]),
        ("all", project, ALL[-1]),
        ("all-order_lines", resource, ALL[-1]),
    ],
)
def test_rendered_files_are_those_on_record(
    name: str,
    render: Callable[[Path, tuple[str, ...]], Tree],
    patterns: tuple[str, ...],
    tmp_path: Path,
) -> None:
    found = rendered(render(tmp_path, patterns))
    record = SNAPSHOTS / name
    if os.environ.get("FASTGEN_UPDATE_SNAPSHOTS"):
        shutil.rmtree(record, ignore_errors=True)
        for path, content in found.items():
            (record / path).parent.mkdir(parents=True, exist_ok=True)
            (record / path).write_bytes(content)

    assert difference(contents(record), found) == ""


def difference(before: Tree, after: Tree) -> str:
    """The changes, as a diff of all files."""
    lines: list[str] = []
    for path in sorted(before.keys() | after.keys()):
        old, new = (
            tree.get(path, b"").decode("utf-8").splitlines(keepends=True)
            for tree in (before, after)
        )
        lines += difflib.unified_diff(old, new, f"recorded/{path}", f"rendered/{path}")
    return "".join(lines)
