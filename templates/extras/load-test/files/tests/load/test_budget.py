"""A broken budget is reported, and fails the job."""

from pathlib import Path

import pytest

import load_tests
from load_tests.budget import Measurement, faults, read_budget, read_measurements

BUDGET = read_budget(Path(load_tests.__file__).parent / "budget.toml")
FAST = Measurement(requests=100, failures=0, p95_ms=10)
STATS = """\
Type,Name,Request Count,Failure Count,95%
GET,/health,100,0,10
GET,/api/v1/items,200,2,42
,Aggregated,300,2,40
"""


def measured(**others: Measurement) -> dict[str, Measurement]:
    found = {"GET /health": FAST, **{route.name: FAST for route in BUDGET.routes}}
    return found | {BUDGET.routes[0].name: others.get("first", FAST)}


def test_a_fast_service_is_within_its_budget() -> None:
    assert faults(BUDGET, measured()) == []


@pytest.mark.parametrize(
    ("measurement", "fault"),
    [
        (Measurement(requests=100, failures=1, p95_ms=10), "1.0% of the requests failed"),
        (Measurement(requests=100, failures=0, p95_ms=5000), "95 % take up to 5000 ms"),
        (Measurement(requests=100, failures=0, p95_ms=290), "29.0 times as long as GET /health"),
    ],
)
def test_faults_name_the_route(measurement: Measurement, fault: str) -> None:
    found = faults(BUDGET, measured(first=measurement))

    assert all(each.startswith(BUDGET.routes[0].name) for each in found)
    assert fault in " ".join(found)


def test_a_route_without_requests_breaks_it() -> None:
    assert len(faults(BUDGET, {"GET /health": FAST})) == len(BUDGET.routes)


def test_the_results_of_locust_are_read(tmp_path: Path) -> None:
    path = tmp_path / "results_stats.csv"
    path.write_text(STATS, "utf-8")

    assert read_measurements(path) == {
        "GET /health": FAST,
        "GET /api/v1/items": Measurement(requests=200, failures=2, p95_ms=42),
    }
