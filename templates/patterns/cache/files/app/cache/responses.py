"""Responses of cached routes: from the result of a handler, to an entry and back."""

from typing import Any

from fastapi import Response
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import TypeAdapter

from app.cache.entry import Entry

PERSONAL = frozenset({b"set-cookie", b"www-authenticate"})
OPTIONS = ("include", "exclude", "by_alias", "exclude_unset", "exclude_defaults", "exclude_none")


class Renderer:
    """Makes the response that FastAPI makes of the result of one handler."""

    def __init__(self) -> None:
        self._adapter: TypeAdapter[Any] | None = None
        self._model: object = None

    def render(self, result: object, route: APIRoute, own: Response | None) -> Response:
        """The response. `own` is the parameter of the handler for headers and the status."""
        if isinstance(result, Response):
            return result
        response = self._response(result, route)
        response.status_code = route.status_code or response.status_code
        if own is not None:
            response.status_code = own.status_code or response.status_code
            response.raw_headers.extend(own.raw_headers)
        return response

    def _response(self, result: object, route: APIRoute) -> Response:
        chosen = route.response_class if isinstance(route.response_class, type) else None
        if route.response_model is None:
            return (chosen or JSONResponse)(jsonable_encoder(result))
        if self._adapter is None or self._model is not route.response_model:
            self._model = route.response_model
            self._adapter = TypeAdapter(route.response_model)
        value = self._adapter.validate_python(result, from_attributes=True)
        options = {name: getattr(route, f"response_model_{name}") for name in OPTIONS}
        if chosen is not None:
            return chosen(self._adapter.dump_python(value, mode="json", **options))
        return Response(self._adapter.dump_json(value, **options), media_type="application/json")


def entry_of(response: Response) -> Entry | None:
    """The entry; None for streams, errors, and responses that are meant for one client."""
    body: Any = getattr(response, "body", None)
    is_whole = isinstance(body, bytes | memoryview)
    headers = dict(response.raw_headers)
    is_personal = PERSONAL & headers.keys() or b"no-store" in headers.get(b"cache-control", b"")
    if response.status_code != 200 or response.background or is_personal or not is_whole:
        return None
    return Entry(bytes(body), tuple(response.raw_headers))


def response_of(entry: Entry) -> Response:
    """The response with the stored bytes, which are not parsed."""
    response = Response()
    response.body = entry.body
    response.raw_headers = [*entry.headers]
    return response
