"""Every set of patterns can be requested, and leads to the project that has what it needs."""

import json
from pathlib import Path

import pytest

from fastgen.cli import run
from fastgen.project.patterns import with_needs
from tests.matrix.combinations import ALL, REQUESTS, Combination, label


def test_sixty_four_requests_lead_to_forty_projects() -> None:
    assert len(REQUESTS) == 64
    assert {with_needs(request) for request in REQUESTS} == set(ALL)
    assert len(ALL) == 40


@pytest.mark.parametrize("request_", REQUESTS, ids=label)
def test_it_is_accepted(
    request_: Combination, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    wanted = ",".join(request_) or "none"
    command = ["new", "shop", f"--with={wanted}", f"--dir={tmp_path}", "--dry-run", "--json"]

    assert run(command) == 0

    document = json.loads(capsys.readouterr().out)
    needed = {"database"} if {"auth", "queue"} & {*request_} else set()
    assert {*document["patterns"]} == {*request_} | needed
    paths = {file["path"] for file in document["files"]}
    assert ("migrations/env.py" in paths) == ("database" in document["patterns"])
