"""Errors as problem details, RFC 9457."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from fastapi.responses import JSONResponse

from fastgen.web.faults import Fault

CODES = {
    400: "bad_request",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    422: "validation_error",
    429: "rate_limited",
    503: "unavailable",
}


def problem(
    status: int, detail: str, *, headers: Mapping[str, str] | None = None, **members: object
) -> JSONResponse:
    """A response with problem details."""
    document = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": CODES.get(status, "internal_error"),
        **members,
    }
    return JSONResponse(document, status, headers, "application/problem+json")


def bad_choice(faults: Sequence[Fault]) -> JSONResponse:
    """The faults of a query, each with its place."""
    errors = [
        {"loc": ["query", *fault.loc], "msg": fault.message, "hint": fault.hint, "type": "value"}
        for fault in faults
    ]
    return problem(422, faults[0].message, errors=errors)
