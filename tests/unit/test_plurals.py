from pathlib import Path

import pytest

from fastgen.names.plurals import singular_of

LIST = Path(__file__).with_name("singulars.txt")
"""Plurals and their singulars, one pair a line."""


def pairs() -> dict[str, str]:
    lines = LIST.read_text("utf-8").splitlines()
    return dict(line.split() for line in lines if line and not line.startswith("#"))


def test_every_singular_of_the_list_is_right() -> None:
    expected = pairs()

    assert {plural: singular_of(plural) for plural in expected} == expected
    assert len(expected) > 700


def test_no_singular_of_the_list_is_taken_for_a_plural_of_itself() -> None:
    assert [word for word in pairs().values() if singular_of(word) == word] == []


@pytest.mark.parametrize(
    "word",
    [
        # No singular.
        *"analytics barracks clothes equipment feedback furniture goods headquarters".split(),
        *"information media_news metadata money news physics police series sheep".split(),
        *"software species staff scissors".split(),
        # Two singulars.
        *"axes bases data ellipses leaves media premises staves".split(),
        # Singulars.
        *"address alias analysis basis bus canvas class focus gas lens order person".split(),
        *"process regimen specimen status virus".split(),
        # Abbreviations, numbers, and endings that are no words.
        *"css dns sms orders2 order_2 s".split(),
    ],
)
def test_no_singular_is_guessed(word: str) -> None:
    assert singular_of(word) is None


@pytest.mark.parametrize(
    ("plural", "singular"),
    [
        ("order_lines", "order_line"),
        ("order_statuses", "order_status"),
        ("sales_people", "sales_person"),
        ("news_articles", "news_article"),
        ("salespeople", "salesperson"),
        ("snowshoes", "snowshoe"),
        ("penknives", "penknife"),
    ],
)
def test_the_last_word_decides(plural: str, singular: str) -> None:
    assert singular_of(plural) == singular
