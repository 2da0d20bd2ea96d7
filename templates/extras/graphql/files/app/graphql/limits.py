"""Limits of a document that hold before it is executed.

A short document can ask for a lot: by aliases, by fragments in fragments, by lists in lists.
"""

from collections.abc import Iterator
from typing import Any, cast

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    SelectionSetNode,
    TokenKind,
    VariableNode,
    get_named_type,
    get_operation_ast,
    get_variable_values,
)
from strawberry.extensions import SchemaExtension

MAX_TOKENS = 1_000
MAX_DIGITS = 100
SIZE = "size"
"""The argument of a field that says how many rows its lists have."""


class Limits(SchemaExtension):
    """Limits each document by the settings, and refuses introspection where there are no docs."""

    def on_operation(self) -> Iterator[None]:
        execution = self.execution_context
        execution.parse_options["max_tokens"] = MAX_TOKENS
        if not execution.context.settings.docs_enabled:
            execution.validation_rules += (NoSchemaIntrospectionCustomRule,)
        yield

    def on_parse(self) -> Iterator[None]:
        yield
        document = self.execution_context.graphql_document
        token = document.loc.start_token if document and document.loc else None
        while token is not None:
            # Python converts no text of more than 4,300 digits.
            if token.kind is TokenKind.INT and len(token.value or "") > MAX_DIGITS:
                raise GraphQLError(f"An integer may have {MAX_DIGITS} digits.")
            token = token.next

    def on_execute(self) -> Iterator[None]:
        execution = self.execution_context
        settings = execution.context.settings
        meter = Meter(
            execution.schema._schema,  # noqa: SLF001  # Strawberry has no public name for it
            cast("DocumentNode", execution.graphql_document),
            execution.variables or {},
            max_depth=settings.graphql_max_depth,
            max_cost=settings.graphql_max_cost,
        )
        meter.check(execution.operation_name)
        yield


class Meter:
    """Measures a valid document: its depth, and the number of fields that it can resolve."""

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        variables: dict[str, Any],
        *,
        max_depth: int,
        max_cost: int,
    ) -> None:
        self._schema = schema
        self._document = document
        self._variables = variables
        self._max_depth = max_depth
        self._max_cost = max_cost
        self._cost = 0
        self._fragments = {
            each.name.value: each
            for each in document.definitions
            if isinstance(each, FragmentDefinitionNode)
        }

    def check(self, operation_name: str | None) -> None:
        """Measure an operation; it stops at the first limit that is exceeded.

        Raises:
            GraphQLError: the operation is too deep, or costs too much.
        """
        found = get_operation_ast(self._document, operation_name)
        operation = cast("OperationDefinitionNode", found)
        root = self._schema.get_root_type(operation.operation)
        definitions = operation.variable_definitions or ()
        values = get_variable_values(self._schema, definitions, self._variables, max_errors=1)
        if not isinstance(values, list):  # else the execution reports what is wrong with them
            self._variables = dict(values.coerced)
        self._measure(operation.selection_set, cast("GraphQLObjectType", root), depth=1, rows=1)

    def _measure(
        self, selections: SelectionSetNode, parent: GraphQLObjectType, *, depth: int, rows: int
    ) -> None:
        for node in selections.selections:
            self._cost += rows  # fragments too: they can double with each other
            if self._cost > self._max_cost:
                raise GraphQLError(f"A document may cost {self._max_cost:,} fields.")
            if isinstance(node, FieldNode):
                self._measure_field(node, parent, depth=depth, rows=rows)
            elif isinstance(node, FragmentSpreadNode):
                fragment = self._fragments[node.name.value].selection_set
                self._measure(fragment, parent, depth=depth, rows=rows)
            elif isinstance(node, InlineFragmentNode):
                self._measure(node.selection_set, parent, depth=depth, rows=rows)

    def _measure_field(
        self, node: FieldNode, parent: GraphQLObjectType, *, depth: int, rows: int
    ) -> None:
        if depth > self._max_depth:
            raise GraphQLError(f"A document may be {self._max_depth} levels deep.")
        field = parent.fields.get(node.name.value)
        if field is None or node.selection_set is None:  # introspection has a limit of its own
            return
        of = cast("GraphQLObjectType", get_named_type(field.type))  # there are no interfaces
        default = field.args[SIZE].default_value if SIZE in field.args else 1
        size = self._size(node, default)
        self._measure(node.selection_set, of, depth=depth + 1, rows=rows * size)

    def _size(self, node: FieldNode, default: object) -> int:
        size = default
        for argument in node.arguments or ():
            if argument.name.value == SIZE and isinstance(argument.value, IntValueNode):
                size = int(argument.value.value)
            elif argument.name.value == SIZE and isinstance(argument.value, VariableNode):
                size = self._variables.get(argument.value.name.value, default)
        # An invalid size is refused when the field is resolved.
        return max(size, 1) if isinstance(size, int) else 1
