"""The tests of conventions in a generated project accept a new route, or say what to change."""

from pathlib import Path

import pytest

from tests.environment import Environment
from tests.support import Result, generate

ROUTE = """
from starlette.responses import StreamingResponse


@router.get("/lines")
async def stream_item_lines(){annotation}:
    return StreamingResponse(iter(["1\\n"]))
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(tmp_path_factory.mktemp("conventions"))


def run_with_route(project: Path, environment: Environment, annotation: str) -> Result:
    path = project / "app/api/v1/items.py"
    original = path.read_text("utf-8")
    path.write_text(original + ROUTE.format(annotation=annotation), "utf-8")
    try:
        return environment.run("pytest", "-q", "tests/architecture", cwd=project)
    finally:
        path.write_text(original, "utf-8")


@pytest.mark.parametrize("annotation", [" -> StreamingResponse", ' -> "StreamingResponse"'])
def test_a_response_of_one_s_own(project: Path, environment: Environment, annotation: str) -> None:
    result = run_with_route(project, environment, annotation)

    assert result.code == 0, result.out


def test_a_response_without_an_annotation(project: Path, environment: Environment) -> None:
    result = run_with_route(project, environment, "")

    assert result.code == 1
    assert "annotate the return type: a schema, or a subclass of Response" in result.out
    assert "['stream_item_lines'] == []" in result.out
