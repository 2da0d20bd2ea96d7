"""Checks the recorded operations of a project by the rules for new ones."""

from pathlib import Path

from fastgen.errors import BadInput
from fastgen.middleware.catalogue import normal
from fastgen.project.documents import damaged
from fastgen.project.extras import choose
from fastgen.project.operations import Operation
from fastgen.project.state import OPERATIONS, State
from fastgen.resources.complete import complete
from fastgen.resources.resource_fields import check_resource


def check_recorded(root: Path, state: State) -> None:
    """Make sure that `add` could have recorded every operation.

    Args:
        root: the project, or the one file that has its state.
        state: its state.

    A reference to a router that is not recorded is no fault: a merge of branches can leave one.

    Raises:
        NotAProject: an operation has a name or a field that cannot be added.
    """
    for operation in complete(state.operations):
        try:
            _check(operation)
        except BadInput as error:
            path = root / OPERATIONS / f"{operation.id}.toml"
            raise damaged(root if root.is_file() else path, error.message.rstrip(".")) from None


def _check(operation: Operation) -> None:
    if operation.kind == "middleware":
        normal(operation.name)
    elif operation.kind == "extra":
        choose([operation.name])
    elif "fields" in operation.options:
        check_resource(operation)
