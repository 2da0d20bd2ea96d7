import pytest

from fastgen.codemods import (
    AlreadyThere,
    CannotEdit,
    Edited,
    add_environment,
    add_requirement,
    add_settings,
    remove_environment,
    remove_requirement,
    remove_settings,
)
from tests.unit.codemods.cases import Case, read_cases

LINES = ["size: int = Field(default=1, ge=1)"]
IMPORTS = ["from pydantic import Field"]
ENVIRONMENT = ["# How many.", "SIZE=1", "# And how often.", "TIMES=2"]
BLOCK = "\n# How many.\nSIZE=1\n# And how often.\nTIMES=2\n"


@pytest.mark.parametrize("case", read_cases("settings.txt"), ids=str)
def test_settings(case: Case) -> None:
    outcome = add_settings(case.before, LINES, IMPORTS)

    if case.after is None:
        assert isinstance(outcome, CannotEdit)
        assert case.reason in outcome.reason
        assert outcome.paste.split("\n") == [*IMPORTS, *LINES]
    elif case.after == case.before:
        assert outcome == AlreadyThere()
    else:
        assert outcome == Edited(case.after)
        assert add_settings(case.after, LINES, IMPORTS) == AlreadyThere()
        removed = remove_settings(case.after, LINES, IMPORTS)
        assert isinstance(removed, Edited)
        assert "    size" not in removed.source.replace("        size", "")
        if "    size: int" in case.before:  # pasted
            return
        if "Field(" in case.before or "Field" not in case.before:
            assert removed == Edited(case.before)
        assert remove_settings(case.before, LINES, IMPORTS) == AlreadyThere()


def test_half_of_the_settings_is_something_else() -> None:
    source = "from app.core.config import CoreSettings as C\n\nclass Settings(C):\n    a: int = 1\n"

    outcome = add_settings(source, ["a: int = 1", "b: int = 2"], [])

    assert isinstance(outcome, CannotEdit)
    assert "a setting `a` already" in outcome.reason


@pytest.mark.parametrize("case", read_cases("requirements.txt"), ids=str)
def test_requirements(case: Case) -> None:
    outcome = add_requirement(case.before, "limits>=5.8")

    if case.after is None:
        assert isinstance(outcome, CannotEdit)
        assert case.reason in outcome.reason
        assert outcome.paste == "limits>=5.8"
        assert outcome.can_wait == ("not valid" not in outcome.reason)
        assert not isinstance(remove_requirement(case.before, "limits>=5.8"), Edited)
    elif case.after == case.before:
        assert outcome == AlreadyThere()
        assert remove_requirement(case.before, "limits>=5.8") == AlreadyThere()
    else:
        assert outcome == Edited(case.after)
        assert add_requirement(case.after, "limits>=5.8") == AlreadyThere()
        assert remove_requirement(case.after, "limits>=5.8") == Edited(case.before)


@pytest.mark.parametrize("before", ["", "PORT=1\n", "PORT=1", "PORT=1\r\n", "# größer\nPORT=1\n"])
def test_environment(before: str) -> None:
    outcome = add_environment(before, ENVIRONMENT)

    assert isinstance(outcome, Edited)
    newline = "\r\n" if "\r" in before else "\n"
    block = BLOCK if before.endswith("\n") else BLOCK.strip("\n") + "\n" * (not before)
    assert outcome.source.endswith(block.replace("\n", newline))
    assert outcome.source.startswith(before)
    assert add_environment(outcome.source, ENVIRONMENT) == AlreadyThere()
    assert remove_environment(outcome.source, ENVIRONMENT) == Edited(before)


def test_an_environment_that_was_edited() -> None:
    text = "A=1\n# How many.\nSIZE=7\n\nB=2\n# And how often.\nTIMES=\nLIFETIMES=9\n"

    assert remove_environment(text, ENVIRONMENT) == Edited("A=1\n\nB=2\nLIFETIMES=9\n")
    assert remove_environment("A=1\n", ENVIRONMENT) == AlreadyThere()


@pytest.mark.parametrize(
    ("text", "after"),
    [
        # There was no blank line above: the line above must not lose its end.
        ("PORT=1\n# How many.\nSIZE=1\nNAME=x\n", "PORT=1\nNAME=x\n"),
        ("PORT=1\n\n# How many.\nSIZE=1\nNAME=x\n", "PORT=1\n\nNAME=x\n"),
        ("PORT=1\n\n# How many.\nSIZE=1\n\nNAME=x\n", "PORT=1\n\nNAME=x\n"),
        # Without the comment it is not known who has written a line.
        (
            "SIZE=1\n# How many.\nOTHER=1\n\n# And how often.\nTIMES=2\n",
            "SIZE=1\n# How many.\nOTHER=1\n",
        ),
        (
            'KEY="a\n# How many.\nSIZE=1\n"\n# How many.\nSIZE=2\n',
            'KEY="a\n# How many.\nSIZE=1\n"\n',
        ),
        ('# How many.\nSIZE="2\nTIMES=3\n" # ours\nA=\'x\n', "A='x\n"),
        ("# How many.\nexport SIZE = 2\nRESIZE=1\n", "RESIZE=1\n"),
        ("# SIZE=1\n# How many.\nSIZE=2", "# SIZE=1"),
    ],
)
def test_only_lines_of_the_setting_are_removed(text: str, after: str) -> None:
    assert remove_environment(text, ENVIRONMENT) == Edited(after)
    assert remove_environment(text.replace("\n", "\r\n"), ENVIRONMENT) == Edited(
        after.replace("\n", "\r\n")
    )


def test_a_setting_that_was_pasted_is_not_added_again() -> None:
    outcome = add_environment("# Mine.\nSIZE=7\n", ENVIRONMENT)

    assert outcome == Edited("# Mine.\nSIZE=7\n\n# And how often.\nTIMES=2\n")


def test_a_setting_without_a_comment_is_removed_as_it_was_added() -> None:
    lines = ["# The first has one.", "SIZE=1", "TIMES=2"]

    assert remove_environment("SIZE=1\n\nTIMES=2\n", lines) == Edited("SIZE=1\n")
    assert remove_environment("SIZE=1\nTIMES=3\n", lines) == AlreadyThere()


def test_an_environment_with_a_quote_that_never_ends() -> None:
    lines = ["SIZE=1", "TIMES='"]

    outcome = add_environment("A=1\nNAME='\n", lines)

    assert isinstance(outcome, CannotEdit)
    assert outcome.paste == "\n".join(lines)
