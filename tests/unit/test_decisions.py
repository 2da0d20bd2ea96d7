"""The records of decisions: each has a status, which the index repeats."""

import re
from pathlib import Path

from tests.support import ROOT

FOLDER = ROOT / "docs" / "decisions"
ROW = re.compile(r"^\| \[(\d+)\]\(.*\| (.+) \|$", re.MULTILINE)
INDEX = dict(ROW.findall((FOLDER / "README.md").read_text("utf-8")))
"""The status of each number."""


def number_of(record: Path) -> str:
    return str(int(record.name[:4]))


def numbers(status: str) -> set[str]:
    """The decisions that a status refers to, without the titles in parentheses."""
    return set(re.findall(r"\d+", re.sub(r"\([^)]*\)", "", status)))


def status_of(record: Path) -> str:
    """The paragraph below the title."""
    return record.read_text("utf-8").split("\n\n")[1].removeprefix("Status: ")


def test_each_record_has_the_status_of_the_index() -> None:
    records = sorted(FOLDER.glob("0*.md"))

    assert [number_of(record) for record in records] == [*INDEX]
    for record in records:
        status, indexed = status_of(record), INDEX[number_of(record)]
        assert status.startswith(("accepted", "superseded by")), record.name
        assert status.split()[0].strip(";") == indexed.split()[0].strip(";"), record.name
        assert numbers(status) == numbers(indexed), record.name


def test_both_records_of_a_supersession_name_each_other() -> None:
    parts = [(number, part) for number, status in INDEX.items() for part in status.split(";")]
    superseded = {(other, one) for one, part in parts if " by " in part for other in numbers(part)}
    supersedes = {(one, n) for one, part in parts if "supersedes" in part for n in numbers(part)}

    assert superseded == supersedes
