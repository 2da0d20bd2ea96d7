"""The arguments of tasks: checked when a task is enqueued, and converted when it is run."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from inspect import Parameter, signature
from typing import Any, TypeVar, get_type_hints

from pydantic import BaseModel, ValidationError, create_model

from app.core.errors import Invalid
from app.schemas.base import Input

F = TypeVar("F", bound=Callable[..., Any])
NAMED = (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)

_client_tasks: dict[Callable[..., Any], Sequence[str]] = {}


@dataclass(frozen=True, slots=True)
class TaskType:
    """A task that can be enqueued: its arguments, and what clients may do with it."""

    arguments: type[BaseModel]
    is_for_clients: bool
    scopes: Sequence[str]
    """The scopes that a client needs, where clients have scopes."""

    @classmethod
    def of(cls, function: Callable[..., Any], *, skip: int = 0) -> "TaskType":
        """The type of a task. The engine passes the first `skip` parameters of the function."""
        hints = get_type_hints(function, include_extras=True)
        fields: dict[str, Any] = {
            name: (hints.get(name, Any), ... if each.default is each.empty else each.default)
            for name, each in [*signature(function).parameters.items()][skip:]
            if each.kind in NAMED
        }
        arguments = create_model("Arguments", __base__=Input, **fields)
        return cls(arguments, function in _client_tasks, _client_tasks.get(function, ()))

    def check(self, args: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments as JSON.

        Raises:
            Invalid: the task does not accept them.
        """
        try:
            checked = self.arguments.model_validate(dict(args))
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False)[0]
            raise Invalid(first["msg"], location=("body", "args", *first["loc"])) from None
        return checked.model_dump(mode="json")

    def converted(self, args: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments with the types of the parameters."""
        return dict(self.arguments.model_validate(dict(args)))


def client_task(*, scopes: Sequence[str] = ()) -> Callable[[F], F]:
    """Let clients enqueue the task by its name; goes below the decorator of the engine."""

    def mark(function: F) -> F:
        _client_tasks[function] = scopes
        return function

    return mark
