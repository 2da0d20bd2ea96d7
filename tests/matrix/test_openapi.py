"""The OpenAPI documents are valid, and generated clients can read them."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from openapi_spec_validator import validate

from fastgen.project.operations import EXAMPLES
from tests.environment import Environment
from tests.matrix.combinations import ALL, Combination, label
from tests.matrix.resources import KINDS, NAMED
from tests.support import generate

PRINT = """
import json
from app.main import create_app
from app.settings import Settings
print(json.dumps(create_app(Settings()).openapi()))
"""
PARAMETER = re.compile(r"\{[^}]*\}")
MAX_SAFE_INTEGER = 2**53 - 1


@pytest.fixture(scope="module", params=[(), ("database",), ALL[-1]], ids=label)
def document(
    request: pytest.FixtureRequest,
    environment: Environment,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Any]:
    combination: Combination = request.param
    operations = (*EXAMPLES, *KINDS, *NAMED)
    folder = tmp_path_factory.mktemp("openapi")
    project = generate(folder, patterns=combination, operations=operations)
    result = environment.run_code(PRINT, cwd=project)
    assert result.code == 0, result.err
    found: dict[str, Any] = json.loads(result.out)
    return found


def nodes(node: object) -> Iterator[dict[str, Any]]:
    """All objects of a document."""
    if isinstance(node, dict):
        yield node
    for child in (
        node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    ):
        yield from nodes(child)


def headers(operation: dict[str, Any], status: str) -> set[str]:
    return {*operation["responses"][status].get("headers", ())}


def test_it_is_valid(document: dict[str, Any]) -> None:
    validate(document)


def test_no_two_paths_are_equivalent(document: dict[str, Any]) -> None:
    found = Counter(PARAMETER.sub("{}", path) for path in document["paths"])

    assert [path for path, count in found.items() if count > 1] == []


def test_it_has_no_words_of_later_versions(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    assert [node for node in nodes(document) if "itemSchema" in node] == []


def test_programs_can_read_its_numbers(document: dict[str, Any]) -> None:
    """JavaScript rounds larger ones, and then refuses the largest valid value."""
    numbers = [value for node in nodes(document) for value in node.values()]

    large = [one for one in numbers if isinstance(one, int) and abs(one) > MAX_SAFE_INTEGER]
    assert large == []
    (item_id,) = document["paths"]["/api/v1/items/{item_id}"]["get"]["parameters"]
    assert item_id["schema"]["format"] == "int64"


def test_headers_are_described(document: dict[str, Any]) -> None:
    paths = document["paths"]
    item = paths["/api/v1/items/{item_id}"]

    assert headers(paths["/api/v1/items"]["post"], "201") == {"ETag", "Location"}
    assert headers(item["get"], "200") == headers(item["put"], "200") == {"ETag"}
    for path in {"/api/v1/events/{topic}", "/api/v1/items/export.csv"} & paths.keys():
        assert "304" not in paths[path]["get"]["responses"]
        assert headers(paths[path]["get"], "200") == set()
    for operations in paths.values():
        for operation in operations.values():
            for status in {"429", "503"}.intersection(operation["responses"]):
                assert headers(operation, status) == {"Retry-After"}
