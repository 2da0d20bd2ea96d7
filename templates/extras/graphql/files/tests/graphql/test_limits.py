"""Hostile documents are refused before they are executed."""

import pytest
from httpx2 import AsyncClient

from app.settings import Settings
from tests.graphql.calls import execute


@pytest.fixture
def settings() -> Settings:
    return Settings(graphql_max_cost=50)


async def test_one_operation_at_a_time(client: AsyncClient) -> None:
    response = await client.post("/graphql", json=[{"query": "{ version }"}] * 2)

    assert response.status_code == 422
    assert response.json()["code"] == "validation_error"


REFUSED = {
    "aliases": (
        "{ " + " ".join(f"a{number}: version" for number in range(60)) + " }",
        "cost 50 fields",
    ),
    "fragments": (
        "{ ...A ...A } "
        + " ".join(
            f"fragment {name} on Query {{ ...{following} ...{following} }}"
            for name, following in zip("ABCDEFGHIJKLMNOPQRST", "BCDEFGHIJKLMNOPQRSTU", strict=True)
        )
        + " fragment U on Query { version }",
        "cost 50 fields",
    ),
    "circle": (
        "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
        "within itself",
    ),
    "tokens": ("{ " + "version " * 2_000 + "}", "more than 1000 tokens"),
    "nesting": ("{ a" * 400 + " }" * 400, "nested too deeply"),
    "values": ("{ version(a: " + "[" * 480 + "]" * 480 + ") }", "nested too deeply"),
    "digits": ("{ version(a: " + "9" * 5_000 + ") }", "may have 100 digits"),
    "introspection": (
        "{ __schema { types " + "{ fields { type " * 4 + "{ name }" + " } }" * 4 + " } }",
        "introspection depth",
    ),
    "unknown field": ("{ nothing }", "Cannot query field"),
    "syntax": ("{", "Syntax Error"),
    "empty": ("", "no such operation"),
    "no operation": ("fragment A on Query { version }", "no such operation"),
    "subscription": ("subscription { version }", "subscription"),
}


@pytest.mark.parametrize(("query", "message"), REFUSED.values(), ids=REFUSED)
async def test_it_is_a_bad_request(client: AsyncClient, query: str, message: str) -> None:
    document = await execute(client, query)

    assert {error["extensions"]["code"] for error in document["errors"]} == {"bad_request"}
    assert message in document["errors"][0]["message"]
    assert document.get("data") is None
