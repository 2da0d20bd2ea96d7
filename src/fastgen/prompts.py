"""The dialogue. The only user of questionary, which is imported when there is something to ask."""

import sys
from typing import TYPE_CHECKING, Any

from fastgen.errors import BadInput
from fastgen.names.project_names import check_project_name
from fastgen.project import extras, patterns
from fastgen.project.choices import choices_of

if TYPE_CHECKING:
    import questionary


def ask_name() -> str:
    """The name of a project."""
    import questionary

    return str(_answer(questionary.text("Name of the project:", validate=_name_or_problem)))


def ask_patterns() -> tuple[str, ...]:
    """Some of the patterns on offer, in their own order."""
    import questionary

    choices = [
        questionary.Choice(
            f"{pattern.name:<11} {pattern.description}",
            value=pattern.name,
            checked=pattern.default,
        )
        for pattern in patterns.all_patterns()
    ]
    return patterns.choose(_answer(questionary.checkbox("Patterns:", choices=choices)))


def ask_choice(pattern: str) -> str:
    """One of the choices of a pattern."""
    import questionary

    choices = [
        questionary.Choice(f"{choice.name:<13} {choice.summary}", value=choice.name)
        for choice in choices_of(pattern)
    ]
    return str(_answer(questionary.select(f"Engine of the {pattern}:", choices=choices)))


def ask_extras() -> tuple[str, ...]:
    """Some of the extras that people take most."""
    import questionary

    choices = [
        questionary.Choice(f"{extra.name:<11} {extra.summary}", value=extra.name)
        for extra in extras.all_extras()
        if extra.name in extras.ASKED
    ]
    question = questionary.checkbox("Extras, later with `fastgen add extra`:", choices=choices)
    return extras.choose(_answer(question))


def ask_text(question: str, default: str) -> str:
    """A line of any text."""
    import questionary

    return str(_answer(questionary.text(question, default=default)))


def ask_fields(model: str) -> tuple[str, ...]:
    """The fields of a resource, one by one, until there is nothing more to say."""
    import questionary

    from fastgen.resources.fields.parser import DEFAULT, parse, written
    from fastgen.resources.fields.types import FIELD_TYPES

    sys.stdout.write(f"Types: {', '.join(map(written, FIELD_TYPES))}.\n")
    sys.stdout.write("Modifiers: optional, unique, index, min=, max=, default=.\n")
    fields: list[str] = []

    def problem_of(text: str) -> bool | str:
        if not text:
            return True
        try:
            name = parse(text, model).name
        except BadInput as error:
            return f"{error.message} {error.hint}"
        if name in {parse(field, model).name for field in fields}:
            return f"There is a field called `{name}` already."
        return True

    while True:
        question = f"Field {len(fields) + 1}, as name:type[:modifier], or nothing:"
        text = str(_answer(questionary.text(question, validate=problem_of)))
        if not text:
            return tuple(fields) or DEFAULT
        fields.append(text)


def ask_default(field: str, model: str) -> str:
    """A field that must not be null, with the default that it gets, if any."""
    import questionary

    from fastgen.resources.fields.parser import parse

    def problem_of(answer: str) -> bool | str:
        try:
            return bool(parse(f"{field}:default={answer}" if answer else field, model))
        except BadInput as error:
            return f"{error.message} {error.hint}"

    name = parse(field, model).name
    question = f"Default of `{name}`, which existing rows get too, or nothing:"
    answer = str(_answer(questionary.text(question, validate=problem_of)))
    return f"{field}:default={answer}" if answer else field


def _name_or_problem(name: str) -> bool | str:
    try:
        check_project_name(name)
    except BadInput as error:
        return f"{error.message} {error.hint}"
    return True


def _answer(question: "questionary.Question") -> Any:  # noqa: ANN401  # text, or a list of texts
    """The answer; Ctrl-C is a KeyboardInterrupt, as everywhere."""
    return question.unsafe_ask()
