"""Checks the recorded state of a project by the rules for new projects and additions."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fastgen.errors import BadInput
from fastgen.middleware.catalogue import IN_EVERY_PROJECT, normal
from fastgen.names.project_names import check_project_name
from fastgen.names.resource_names import ResourceName
from fastgen.project.answer_texts import MAX_CHARACTERS, check_text
from fastgen.project.documents import damaged
from fastgen.project.extras import choose
from fastgen.project.operations import Operation
from fastgen.project.request import Answers
from fastgen.project.state import OPERATIONS, STATE_FILE, State
from fastgen.resources.complete import complete
from fastgen.resources.fields import parser
from fastgen.resources.references import find_circle
from fastgen.resources.resource_fields import check_resource


def check_recorded(root: Path, state: State, *, removed: str = "") -> None:
    """Make sure that commands could have recorded the state.

    Args:
        root: the project, or the one file that has its state.
        state: its state.
        removed: the router that the command removes. It may refer to one that is not recorded: a
            merge of branches can leave that.

    Raises:
        NotAProject: an answer, a name or a field is not possible, or a router is missing.
    """
    with _damaging(root, STATE_FILE):
        _check_answers(state.answers)
    for number, operation in enumerate(state.operations):
        with _damaging(root, f"{OPERATIONS}/{operation.id}.toml"):
            _check(operation, complete(state.operations[: number + 1]))
            if operation.name.partition(".")[0] != removed:
                _check_needs(state, operation)
    with _damaging(root, OPERATIONS):
        if circle := find_circle(complete(state.operations)):
            raise BadInput(f"{' and '.join(f'`{name}`' for name in circle)} refer to each other")


@contextmanager
def _damaging(root: Path, path: str) -> Iterator[None]:
    """Turn an error of input into one that names the file, or the one file of the state."""
    try:
        yield
    except BadInput as error:
        raise damaged(root if root.is_file() else root / path, error.message.rstrip(".")) from None


def _check_answers(answers: Answers) -> None:
    check_project_name(answers.name)
    for option in MAX_CHARACTERS:
        check_text(option, getattr(answers, option))


def _check(operation: Operation, before: tuple[Operation, ...]) -> None:
    """Check an operation. Those `before` it include it; its field is among those of its router."""
    if operation.kind == "middleware":
        normal(operation.name)
        if operation.name in [each.name for each in IN_EVERY_PROJECT]:
            raise BadInput(f"the middleware `{operation.name}` is a part of every project")
    elif operation.kind == "extra":
        choose([operation.name])
    elif operation.kind == "field":
        _check_field(operation, before)
    elif "fields" in operation.options:
        check_resource(operation)
    elif operation.name != operation.text("template"):
        raise BadInput(f"no template has a router `{operation.name}`")


def _check_field(operation: Operation, before: tuple[Operation, ...]) -> None:
    plural = operation.name.partition(".")[0]
    router = next((one for one in before if (one.kind, one.name) == ("router", plural)), None)
    if router is None or "fields" not in router.options:
        raise BadInput(f"there is no router `{plural}` for the field `{operation.name}`")
    model = ResourceName.of(plural, router.text("singular")).model
    name = parser.parse(operation.text("field"), model).name
    if operation.name != f"{plural}.{name}":
        raise BadInput(f"the field `{operation.name}` is called `{name}`")
    check_resource(router)


def _check_needs(state: State, operation: Operation) -> None:
    for id_ in sorted(operation.needs):
        name = id_.removeprefix("router-")
        router = state.find("router", name)
        if router is None or "fields" not in router.options:
            raise BadInput(f"there is no router `{name}` to refer to")
