"""The sizes of projects in README.md and docs/why.md; `just sizes` writes them anew."""

import re

from benchmarks.sizes import ROOT, documents

TOLERANCE = 0.05
"""Small changes of templates need no new figures."""


def test_the_documents_have_the_sizes_of_today() -> None:
    for path, pattern, expected in documents():
        (found,) = re.findall(pattern, (ROOT / path).read_text("utf-8"))

        for written, measured in zip(numbers(found), numbers(expected), strict=True):
            assert abs(written - measured) <= TOLERANCE * measured, f"{path}: {found}"


def numbers(text: str) -> list[int]:
    return [int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*", text)]
