"""Turns the options of `fastgen new`, and the answers of its dialogue, into a request."""

import os
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fastgen import prompts
from fastgen.cli.overlay_options import overlay_words, parse_overlay_options
from fastgen.cli.terminal import is_dialogue_possible
from fastgen.errors import BadInput
from fastgen.names.project_names import check_project_name, default_title
from fastgen.project import extras, patterns
from fastgen.project.answer_texts import check_text, default_description
from fastgen.project.choices import choices_of, choose_one
from fastgen.project.operations import EXAMPLES, Operation
from fastgen.project.request import Answers, NewProject
from fastgen.transaction import check_target, clear_leftovers


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOptions:
    """The options as they were typed; None where an option was left out."""

    name: str | None
    recorded: Path | None
    """The project to make again: its folder, or a file with its state."""
    patterns: Sequence[str] | None
    extras: Sequence[str]
    queue: str | None
    parent: Path
    title: str | None
    description: str | None
    author: str | None
    overlays: Sequence[str]
    overlay_data: Sequence[str]
    overlay_replaces: Sequence[str]
    trust: bool
    example: bool
    git: bool
    install: bool
    dry_run: bool
    json: bool
    yes: bool


@dataclass(frozen=True, slots=True)
class Request:
    """A checked request, and how it came about."""

    project: NewProject
    patterns: tuple[str, ...]
    """The patterns that were asked for; the project has those that they need too."""
    was_asked: bool
    """Whether there was a dialogue."""


def make_request(options: NewOptions) -> Request:
    """Check the options, and ask for what is missing if there is a terminal.

    Raises:
        BadInput: an option is not possible, or the name is missing.
        Refused: the folder is not empty.
    """
    may_ask = is_dialogue_possible() and not (options.yes or options.json)
    asks = may_ask and (options.name is None or options.patterns is None)
    target = free_target(options, options.name or _asked_name(may_ask=may_ask))
    overlays = parse_overlay_options(
        options.overlays, options.overlay_data, options.overlay_replaces, trust=options.trust
    )
    requested = _patterns(options.patterns, may_ask=may_ask)
    complete = patterns.with_needs(requested)
    asks_extras = may_ask and options.patterns is None and not options.extras
    chosen = prompts.ask_extras() if asks_extras else extras.choose(options.extras)
    extras.check_needs(chosen, complete)
    queue = _choice("queue", options.queue, complete, ask=asks)
    title = _text("title", options.title, default_title(target.name), ask=asks)
    purpose = default_description(title)
    project = NewProject(
        answers=Answers(
            name=target.name,
            title=title,
            description=_text("description", options.description, purpose, ask=asks),
            author=check_text("author", options.author or ""),
            patterns=complete,
            queue=queue,
        ),
        target=target,
        operations=(
            *(EXAMPLES if options.example else ()),
            *(Operation("extra", name) for name in chosen),
        ),
        git=options.git,
        install=options.install,
        overlays=overlays,
    )
    return Request(project, requested, asks)


def equivalent_command(project: NewProject) -> str:
    """The command that makes the same project without a dialogue."""
    answers = project.answers
    words = ["fastgen", "new", answers.name, "--with", ",".join(answers.patterns) or "none"]
    words += ["--queue", answers.queue] if answers.queue else []
    if project.target.parent != Path.cwd():
        words += ["--dir", os.path.relpath(project.target.parent)]
    words += [word for name in extras.extras_of(project.operations) for word in ("--extra", name)]
    words += ["--title", answers.title, "--description", answers.description]
    words += ["--author", answers.author] if answers.author else []
    words += overlay_words(project.overlays)
    flags = {
        "--no-example": all(one.kind == "extra" for one in project.operations),
        "--no-git": not project.git,
        "--install": project.install,
        "--trust": project.overlays.trust,
    }
    return shlex.join([*words, *(flag for flag, wanted in flags.items() if wanted)])


def _asked_name(*, may_ask: bool) -> str:
    if not may_ask:
        raise BadInput("The name of the project is missing.", "Write `fastgen new NAME`.")
    return prompts.ask_name()


def free_target(options: NewOptions, name: str) -> Path:
    """The folder of a project of this name.

    Raises:
        BadInput: a project cannot have the name, or the parent is not a folder.
        Refused: the folder is not empty.
    """
    target = _target(name, options.parent)
    if not options.dry_run:  # a killed command may have left a part of a project
        clear_leftovers(target if target.is_dir() else target.parent)
    check_target(target)
    return target


def _target(name: str, parent: Path) -> Path:
    if not parent.is_dir():
        raise BadInput(f"`{parent}` is not a folder.", "Make it first, or choose another `--dir`.")
    target = parent.resolve() if name == "." else parent.resolve() / name
    check_project_name(target.name if name == "." else name)
    return target


def _patterns(lists: Sequence[str] | None, *, may_ask: bool) -> tuple[str, ...]:
    if lists is not None:
        return patterns.choose(lists)
    return prompts.ask_patterns() if may_ask else patterns.defaults()


def _choice(pattern: str, wanted: str | None, chosen: Sequence[str], *, ask: bool) -> str:
    if wanted is None and ask and pattern in chosen and len(choices_of(pattern)) > 1:
        return prompts.ask_choice(pattern)
    return choose_one(pattern, wanted, chosen)


def _text(option: str, value: str | None, default: str, *, ask: bool) -> str:
    if value is None:
        value = prompts.ask_text(f"{option.capitalize()}:", default) if ask else default
    return check_text(option, value)
