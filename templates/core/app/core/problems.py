"""Errors as problem details (RFC 9457), with a `code` and the request's id."""

import json
from collections.abc import Callable, Coroutine, Iterable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import Request, WebSocket
from fastapi.exceptions import (
    RequestValidationError,
    ValidationException,
    WebSocketRequestValidationError,
)
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Scope

from app.core import context
from app.core.errors import AppError, Invalid
from app.core.routing import allowed_methods

MEDIA_TYPE = "application/problem+json"
MAX_ERRORS = 20
MAX_NAME_LENGTH = 100
"""Of a field in `loc`: the client chooses the names of unknown fields."""
CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    412: "precondition_failed",
    413: "payload_too_large",
    415: "unsupported_media_type",
    422: "validation_error",
    429: "rate_limited",
    500: "internal_error",
    503: "unavailable",
}


class FieldError(BaseModel):
    """The place and the reason of an invalid input. It never contains the input."""

    loc: list[str | int] = Field(examples=[["body", "name"]])
    msg: str = Field(examples=["Field required"])
    type: str = Field(examples=["missing"])


class Problem(BaseModel):
    """The body of every error response (RFC 9457)."""

    type: str = Field(examples=["about:blank"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["Item 7 does not exist."])
    instance: str = Field(description="The path of the request.")
    code: str = Field(examples=sorted(CODES.values()))
    request_id: str | None = Field(description="Also in `X-Request-ID`, and in the log.")
    errors: list[FieldError] | None = Field(
        default=None,
        max_length=MAX_ERRORS + 1,
        description=(
            f"With 422 only. Of more than {MAX_ERRORS} errors, the first {MAX_ERRORS} and one of "
            "type `more_errors`, which says how many are left out."
        ),
    )


def problem(
    scope: Scope,
    status: int,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    **members: object,
) -> Response:
    """The response for `status`; `members` are further members of the document."""
    document = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": scope["path"],
        "code": CODES.get(status, "bad_request" if status < 500 else "internal_error"),
        "request_id": context.request_id.get(),
        **members,
    }
    # Escaped to ASCII: the name of a field may hold a lone surrogate, which UTF-8 cannot encode.
    return Response(json.dumps(document), status, headers, media_type=MEDIA_TYPE)


async def _on_app_error(request: Request, error: AppError) -> Response:
    return problem(request.scope, error.status, error.detail, headers=error.headers)


async def _on_invalid(request: Request, error: Invalid) -> Response:
    return _validation_problem(request.scope, [_error(error.location, error.detail, "value_error")])


async def _on_http_exception(request: Request, error: HTTPException) -> Response:
    headers, detail = error.headers, str(error.detail)
    if error.status_code == 405:
        headers = {"Allow": allowed_methods(request)}
    if error.status_code == 422:
        return _validation_problem(request.scope, [_error(["body"], detail, "json_invalid")])
    return problem(request.scope, error.status_code, detail, headers=headers)


async def _on_validation_error(request: Request, error: RequestValidationError) -> Response:
    if isinstance(error.body, bytes):  # FastAPI leaves a body as bytes if it is not sent as JSON
        return problem(request.scope, 415, "The body must be sent as application/json.")
    return _validation_problem(request.scope, field_errors(error))


async def _on_bad_handshake(socket: WebSocket, error: WebSocketRequestValidationError) -> Response:
    return _validation_problem(socket.scope, field_errors(error))


def field_errors(error: ValidationException) -> list[FieldError]:
    """The first `MAX_ERRORS`, and how many more there are."""
    found = error.errors()
    errors = [_error(each["loc"], _message(each), each["type"]) for each in found[:MAX_ERRORS]]
    if more := len(found) - len(errors):
        errors.append(_error(found[0]["loc"][:1], f"{more} more errors.", "more_errors"))
    return errors


def _message(error: Mapping[str, Any]) -> str:
    if error["type"] == "union_tag_invalid":  # its message contains the input
        return f"Input should have one of these tags: {error['ctx']['expected_tags']}"
    return str(error["msg"])


def _error(location: Iterable[str | int], message: str, kind: str) -> FieldError:
    loc = [part[:MAX_NAME_LENGTH] if isinstance(part, str) else part for part in location]
    return FieldError(loc=loc, msg=message, type=kind)


def _validation_problem(scope: Scope, errors: Iterable[FieldError]) -> Response:
    documents = [error.model_dump() for error in errors]
    return problem(scope, 422, "The request is not valid.", errors=documents)


EXCEPTION_HANDLERS: dict[
    int | type[Exception], Callable[[Any, Any], Coroutine[Any, Any, Response]]
] = {
    AppError: _on_app_error,
    Invalid: _on_invalid,
    HTTPException: _on_http_exception,
    RequestValidationError: _on_validation_error,
    WebSocketRequestValidationError: _on_bad_handshake,
}
