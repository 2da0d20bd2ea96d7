"""Finds out whose rows a route shows: the handles to the storage behind its parameters."""

import inspect
from collections.abc import Callable, Iterator
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from fastapi.params import Depends

from app.core.storage import Reads


def handles_of(function: Callable[..., Any]) -> list[Any]:
    """The annotations of all parameters, its own and those of its dependencies, that are handles.

    The nearest one on each way counts: it may narrow down those behind it.
    """
    return list(dict.fromkeys(_handles(function)))


def _handles(function: Callable[..., Any]) -> Iterator[Any]:
    for annotation in _annotations(function).values():
        if get_origin(annotation) is not Annotated:
            continue
        kind, *details = get_args(annotation)
        for depends in details:
            if not isinstance(depends, Depends):
                continue
            if isinstance(kind, type) and issubclass(kind, Reads):
                yield annotation
            else:
                yield from _handles(depends.dependency or kind)


def _annotations(function: Callable[..., Any]) -> dict[str, Any]:
    """Name -> annotation of the parameters; of a class those of its constructor."""
    target = function.__init__ if isinstance(function, type) else function  # type: ignore[misc]
    target = target if inspect.isroutine(target) else type(target).__call__
    hints = get_type_hints(target, include_extras=True)
    return {name: hint for name, hint in hints.items() if name != "return"}
