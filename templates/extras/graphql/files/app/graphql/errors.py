"""Errors of GraphQL, with the codes that the rest of the API has."""

from typing import Any

from fastapi.exceptions import RequestValidationError
from graphql import FieldNode, GraphQLError
from pydantic import ValidationError
from strawberry.exceptions import StrawberryInputCoercionError
from strawberry.utils.str_converters import to_camel_case

from app.core.errors import AppError, Invalid
from app.core.logging import get_logger
from app.core.problems import CODES, FieldError, field_errors
from app.graphql.payloads import ErrorExtensions, GraphQLFault

logger = get_logger(__name__)

HINT = " Did you mean "
"""The suggestion that graphql-core adds to a message if it knows a similar name."""


def to_fault(error: GraphQLError, *, show_names: bool) -> GraphQLFault:
    """The error for a client. It has no internals: an unexpected error is logged.

    Args:
        error: from the execution.
        show_names: whether messages may suggest names of the schema.
    """
    message, extensions = _describe(error)
    place: dict[str, Any] = {}
    if error.path is not None:
        place["path"] = error.path
    if error.locations:
        place["locations"] = [each.formatted for each in error.locations]
    if not show_names:
        message = message.partition(HINT)[0]
    return GraphQLFault(message=message, extensions=extensions, **place)


def _describe(error: GraphQLError) -> tuple[str, ErrorExtensions]:
    match error.original_error:
        case Invalid() as cause:
            name = cause.location[-1]
            fault = FieldError(loc=_names([name]), msg=cause.detail, type="value_error")
            return _invalid([fault])
        case AppError() as cause:
            return cause.detail, ErrorExtensions(code=CODES[cause.status])
        case ValidationError() as cause:
            faults = field_errors(RequestValidationError(cause.errors(include_input=False)))
            for fault in faults:
                fault.loc = _names(fault.loc)
            return _invalid(faults)
        case None | StrawberryInputCoercionError() | GraphQLError() if _is_of_document(error):
            return error.message, ErrorExtensions(code="bad_request")
    logger.error("unhandled_error", exc_info=error.original_error or error)
    return "The service failed.", ErrorExtensions(code="internal_error")


def _is_of_document(error: GraphQLError) -> bool:
    """Whether a document or an argument is wrong; errors of results point to their field."""
    return error.path is None or not any(isinstance(node, FieldNode) for node in error.nodes or ())


def _invalid(faults: list[FieldError]) -> tuple[str, ErrorExtensions]:
    return "The request is not valid.", ErrorExtensions(code="validation_error", errors=faults)


def _names(location: list[str | int]) -> list[str | int]:
    """The names that the client knows."""
    return [to_camel_case(each) if isinstance(each, str) else each for each in location]
