"""The projects whose hashes are recorded with each version in the archive."""

from collections.abc import Iterator

from fastgen.middleware.catalogue import known
from fastgen.project import extras, patterns
from fastgen.project.choices import choices_of
from fastgen.project.operations import EXAMPLES, Operation
from fastgen.project.request import Answers
from fastgen.project.state import State
from fastgen.project.state_files import state_document

ORDERS = Operation(
    "router",
    "orders",
    {
        "fields": (
            "number:str:unique:index",
            "total:decimal:min=0",
            "item:ref(items)",
            "state:enum(new|sent):default=new",
            "sent_at:datetime:optional",
        )
    },
)
NOTE = Operation("field", "orders.note", {"field": "note:text:optional"})


def examples(number: str) -> Iterator[str]:
    """The states of a project with nothing, and of those with all there is."""
    yield state_document(State(number, _answers((), "")))
    added = [
        *EXAMPLES,
        ORDERS,
        NOTE,
        *(Operation("middleware", name) for name in (*known(), "audit")),
        *(Operation("extra", name) for name in extras.names()),
    ]
    for engine in choices_of("queue"):
        state = State(number, _answers(patterns.names(), engine.name))
        for operation in added:
            state = state.with_operation(operation)
        yield state_document(state)


def _answers(chosen: tuple[str, ...], queue: str) -> Answers:
    return Answers(
        name="shop",
        title='The "shop"',
        description="Sells {{ things }}.",
        author="Ada O'Neill",
        patterns=chosen,
        queue=queue,
    )
