"""What a decorated route asks of FastAPI, beyond what its handler asks for."""

import inspect
from collections.abc import Callable
from inspect import Parameter
from typing import Any, get_type_hints

from fastapi import Request, Response

from app.core.cache.whose import handles_of


class Parameters:
    """The request, the response whose headers the handler sets, and the handles behind it."""

    def __init__(self, handler: Callable[..., Any]) -> None:
        signature = inspect.signature(handler)
        hints = get_type_hints(handler, include_extras=True)
        known = [one.replace(annotation=hints[one.name]) for one in signature.parameters.values()]
        self._added: list[Parameter] = []
        self._request = self._of(Request, known)
        self._response = self._of(Response, known)
        handles = enumerate(handles_of(handler))
        self._handles = [self._add(f"_handle_{number}", one) for number, one in handles]
        self.signature = signature.replace(
            parameters=[*known, *self._added], return_annotation=hints.get("return")
        )

    def take(self, values: dict[str, Any]) -> tuple[Request, Response, list[Any]]:
        """The request, the response, and the scopes of the handles.

        What the handler does not know of is taken out of `values`.
        """
        request, response = values[self._request], values[self._response]
        scopes = [sorted(values[name].scope.items()) for name in self._handles]
        for parameter in self._added:
            del values[parameter.name]
        return request, response, scopes

    def _of(self, kind: type, known: list[Parameter]) -> str:
        for parameter in known:
            if isinstance(parameter.annotation, type) and issubclass(parameter.annotation, kind):
                return parameter.name
        return self._add(f"_{kind.__name__.lower()}", kind)

    def _add(self, name: str, annotation: object) -> str:
        self._added.append(Parameter(name, Parameter.KEYWORD_ONLY, annotation=annotation))
        return name
