"""Code of people that reads the rows of all users, where a plan gives rows their owners."""

import ast
from collections.abc import Iterator
from pathlib import Path

from fastgen.changes import Plan, ReportedLine
from fastgen.names.resource_names import ResourceName
from fastgen.planning.import_scan import files_with_imports
from fastgen.planning.project_modules import ProjectModules
from fastgen.project.state import State


def new_unscoped_calls(root: Path, state: State, plan: Plan) -> Iterator[ReportedLine]:
    """The calls `OrderRepository(session)`, if a plan adds `auth`: without a scope, all rows."""
    if "auth" in state.answers.patterns or "auth" not in (plan.patterns or ()):
        return
    repositories = {
        f"{ResourceName.of(one.name, one.text('singular')).model}Repository"
        for one in state.operations
        if "fields" in one.options and one.text("owned", "yes") == "yes"
    }
    project = ProjectModules(root, plan.changes)
    for file in files_with_imports(root):
        path = file.relative_to(root).as_posix()
        if path.startswith("tests/") or b"Repository" not in file.read_bytes():
            continue
        for node in ast.walk(project.tree(path) or ast.Module([], [])):
            match node:
                case ast.Call(
                    func=ast.Name(id=name) | ast.Attribute(attr=name), args=args, keywords=keywords
                ) if name in repositories and len([*args, *keywords]) == 1:
                    yield ReportedLine(path, node.lineno, name)
