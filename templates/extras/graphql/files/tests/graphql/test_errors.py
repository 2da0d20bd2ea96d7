import pytest
from graphql import FieldNode, GraphQLError, NameNode

from app.core.errors import Conflict, Invalid
from app.graphql.errors import to_fault


@pytest.mark.parametrize(
    "error",
    [
        GraphQLError("a secret", original_error=RuntimeError("a secret"), path=["version"]),
        # A result that its type does not allow.
        GraphQLError("a secret", FieldNode(name=NameNode(value="version")), path=["version"]),
    ],
)
def test_unexpected_errors_are_logged_and_not_shown(
    error: GraphQLError, caplog: pytest.LogCaptureFixture
) -> None:
    fault = to_fault(error, show_names=True)

    assert fault.extensions.code == "internal_error"
    assert fault.path == ["version"]
    assert "secret" not in fault.model_dump_json()
    assert "unhandled_error" in caplog.text


@pytest.mark.parametrize(
    ("cause", "code"),
    [
        (Conflict("The name is taken."), "conflict"),
        (Invalid("Order 7 does not exist.", location=("body", "order_id")), "validation_error"),
    ],
)
def test_expected_errors_have_a_code(cause: Exception, code: str) -> None:
    fault = to_fault(GraphQLError("", original_error=cause, path=["a"]), show_names=True)

    assert fault.extensions.code == code
    assert all(each.loc == ["orderId"] for each in fault.extensions.errors)
