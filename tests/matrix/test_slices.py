"""A resource of any name passes the checks of the project that it joins."""

from pathlib import Path

import pytest

from fastgen.project import EXAMPLES, Operation
from tests.environment import Environment
from tests.live.server import serve
from tests.matrix.callers import call_everything
from tests.matrix.combinations import ALL, Combination, label
from tests.support import generate

FIELDS = ("label:str:max=40", "amount:int:min=1:default=1", "price:decimal:min=0")
RESOURCES = [
    Operation("router", "order_lines", {"fields": (*FIELDS, "state:enum(new|paid|sent)")}),
    Operation("router", "people", {"fields": ("full_name:str:not=nobody", "notes:text:optional")}),
    Operation("router", "staff", {"fields": ("is_a:enum(cook|waiter)",), "singular": "employee"}),
    # Everybody who has signed in shares these.
    Operation("router", "tariffs", {"fields": ("choice:str:max=9:unique",), "owned": "no"}),
    # What refers to others: to those of the same owner, to what is shared, to both, in a row.
    Operation("router", "orders", {"fields": ("item:ref(items)", "tariff:ref(tariffs):optional")}),
    Operation("router", "deliveries", {"fields": ("order:ref(orders)", "person:ref(people)")}),
    Operation("router", "reviews", {"fields": ("order:ref(orders):optional",), "owned": "no"}),
    # What the parts of a project are called too.
    *(
        Operation("router", plural, {"fields": ("label:str",)})
        for plural in ("pages", "units", "problems")
    ),
]


@pytest.fixture(scope="module", params=sorted({ALL[0], ALL[-1]}), ids=label)
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    combination: Combination = request.param
    folder = tmp_path_factory.mktemp("slices")
    return generate(folder, patterns=combination, operations=[*EXAMPLES, *RESOURCES])


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "format", "--diff", "--no-cache"],
        ["ruff", "check", "--no-cache"],
        ["mypy"],
        ["lint-imports", "--no-cache"],
        ["pytest", "-q", "--cov", "--numprocesses=2"],
    ],
    ids=lambda command: command[0],
)
def test_the_checks_of_the_project(
    project: Path, environment: Environment, command: list[str]
) -> None:
    result = environment.run(*command, cwd=project)

    assert result.code == 0, result.out + result.err


def test_every_route_answers(project: Path, environment: Environment) -> None:
    environment.migrate(project)
    with serve(project, environment) as server:
        calls = call_everything(server.url)

    assert [call for call in calls if not call.is_documented] == []
    for operation in RESOURCES:
        url = operation.name.replace("_", "-")
        assert f"get /api/v1/{url}" in {call.operation for call in calls}
