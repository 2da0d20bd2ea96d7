"""The choices of patterns: a pattern may have several forms, of which a project has exactly one.

A choice is a folder like that of a pattern, described by its `choice.toml`. The option that chooses
is named after the pattern.
"""

from collections.abc import Collection
from dataclasses import replace

from fastgen.errors import BadInput
from fastgen.project.patterns import Pattern, all_choices, all_patterns
from fastgen.project.request import Answers


def choices_of(pattern: str) -> tuple[Pattern, ...]:
    """The choices of a pattern, in order; the first one is the default."""
    found = next(each for each in all_patterns() if each.name == pattern)
    return all_choices(found)


def choose_one(pattern: str, wanted: str | None, chosen: Collection[str]) -> str:
    """The choice for a pattern in a project with these patterns; empty without the pattern.

    Args:
        pattern: the pattern.
        wanted: the value of the option; None for the default.
        chosen: the patterns of the project.

    Raises:
        BadInput: there is no such choice, or the project lacks the pattern.
    """
    if pattern not in chosen:
        if wanted is not None:
            raise BadInput(
                f"`{wanted}` has no use: the pattern `{pattern}` is not chosen.",
                f"Add `--with {pattern}`.",
            )
        return ""
    known = [choice.name for choice in choices_of(pattern)]
    if wanted is None:
        return known[0]
    if (name := wanted.strip().lower()) not in known:
        raise BadInput(
            f"`{wanted}` is not a choice for `--{pattern}`.", f"Choose from: {', '.join(known)}."
        )
    return name


def with_patterns(answers: Answers, chosen: Collection[str]) -> Answers:
    """The answers with other patterns; what was chosen for a pattern that stays is kept."""
    queue = answers.queue if "queue" in chosen else ""
    return replace(
        answers, patterns=tuple(chosen), queue=choose_one("queue", queue or None, chosen)
    )
