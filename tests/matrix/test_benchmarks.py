"""The benchmarks run code beside that of generated projects: what it imports must be there."""

import ast
import re
from pathlib import Path

from fastgen.codemods.bindings import bound_names
from tests.matrix.combinations import ALL
from tests.support import ROOT, generate

IMPORT = re.compile(r"^from (app[.\w]*) import ([\w, ]+)$", re.MULTILINE)


def test_the_imports_of_benchmarks_are_there(tmp_path: Path) -> None:
    project = generate(tmp_path, patterns=ALL[-1])
    imported = {
        (module, name)
        for path in (ROOT / "benchmarks").glob("*.py")
        for module, names in IMPORT.findall(path.read_text("utf-8"))
        for name in names.split(", ")
    }

    assert len(imported) > 5
    for module, name in imported:
        path = project / module.replace(".", "/")
        file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        assert name in bound_names(ast.parse(file.read_text("utf-8"))), (module, name)
