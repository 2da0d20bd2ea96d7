"""The dialogue. The only user of questionary, which is imported when there is something to ask."""

from typing import TYPE_CHECKING, Any

from fastgen import patterns
from fastgen.errors import BadInput
from fastgen.naming import check_project_name

if TYPE_CHECKING:
    import questionary


def ask_name() -> str:
    """The name of a project."""
    import questionary

    return str(_answer(questionary.text("Name of the project:", validate=_name_or_problem)))


def ask_patterns() -> tuple[str, ...]:
    """Some of the patterns on offer, in their own order."""
    import questionary

    ticked = patterns.default()
    choices = [
        questionary.Choice(
            f"{pattern.name:<11} {pattern.brings}",
            value=pattern.name,
            checked=pattern.name in ticked,
        )
        for pattern in patterns.offered()
    ]
    if not choices:
        return ()
    return patterns.choose(_answer(questionary.checkbox("Patterns:", choices=choices)))


def ask_text(question: str, default: str) -> str:
    """A line of any text."""
    import questionary

    return str(_answer(questionary.text(question, default=default)))


def _name_or_problem(name: str) -> bool | str:
    try:
        check_project_name(name)
    except BadInput as error:
        return f"{error.message} {error.hint}"
    return True


def _answer(question: "questionary.Question") -> Any:  # noqa: ANN401  # text, or a list of texts
    """The answer; Ctrl-C is a KeyboardInterrupt, as everywhere."""
    return question.unsafe_ask()
