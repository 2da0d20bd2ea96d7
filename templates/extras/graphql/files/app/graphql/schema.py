"""The schema: the queries and mutations of all resources."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import strawberry
from graphql import GraphQLError
from strawberry.exceptions import MissingQueryError
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.exceptions import CannotGetOperationTypeError
from strawberry.tools import merge_types
from strawberry.types import ExecutionContext

from app import __version__
from app.graphql.context import Context
from app.graphql.errors import to_fault
from app.graphql.limits import Limits
from app.graphql.payloads import GraphQLRequest, GraphQLResponse
from app.graphql.scalars import SCALARS

RESOURCES = Path(__file__).with_name("resources")


@strawberry.type
class ServiceQueries:
    @strawberry.field
    async def version(self) -> str:
        return __version__


class Schema(strawberry.Schema):
    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Nothing: `to_fault` logs what is unexpected."""


def build_schema() -> Schema:
    """The schema of all modules of `resources`: their classes `Queries` and `Mutations`."""
    modules = list(_load_resources())
    queries = [ServiceQueries, *(module.Queries for module in modules)]
    mutations = [module.Mutations for module in modules if hasattr(module, "Mutations")]
    return Schema(
        query=merge_types("Query", tuple(queries)),
        mutation=merge_types("Mutation", tuple(mutations)) if mutations else None,
        extensions=[Limits],
        config=StrawberryConfig(scalar_map=SCALARS),
    )


def _load_resources() -> Iterator[ModuleType]:
    for path in sorted(RESOURCES.glob("[!_]*.py")):
        yield import_module(f"app.graphql.resources.{path.stem}")


schema = build_schema()


async def execute(request: GraphQLRequest, context: Context) -> GraphQLResponse:
    """The response to a request; expected and unexpected errors are in it."""
    try:
        result = await schema.execute(
            request.query,
            variable_values=request.variables,
            operation_name=request.operation_name,
            context_value=context,
        )
    except (MissingQueryError, CannotGetOperationTypeError):
        errors = [GraphQLError("The document has no such operation.")]
        data = None
    else:
        errors, data = result.errors or [], result.data
    if not errors:
        return GraphQLResponse(data=data)
    show_names = bool(context.settings.docs_enabled)
    faults = [to_fault(error, show_names=show_names) for error in errors]
    return GraphQLResponse(data=data, errors=faults)
