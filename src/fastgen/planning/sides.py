"""A side of a merge."""

from dataclasses import dataclass

from fastgen.planning.project_tree import Tree
from fastgen.project.state import State


@dataclass(frozen=True, slots=True)
class Side:
    """A state of a project, and the files that fastgen makes of it."""

    state: State
    tree: Tree
