"""Turns the recorded state of a project into a request for the same project again."""

from dataclasses import replace
from pathlib import Path

from fastgen.cli.new_request import NewOptions, Request, free_target
from fastgen.cli.overlay_options import parse_overlay_options
from fastgen.errors import BadInput
from fastgen.planning.recorded_operations import check_recorded
from fastgen.project import extras, patterns
from fastgen.project.answer_texts import MAX_CHARACTERS, check_text
from fastgen.project.choices import choose_one
from fastgen.project.operations import Operation
from fastgen.project.request import Answers, NewProject
from fastgen.project.state import STATE_FILE, State, read_state, read_state_file


def remake_request(options: NewOptions) -> Request:
    """Read the state that `--from` names; options that were typed replace its answers.

    Raises:
        BadInput: an option is not possible, or there is no such file.
        NotAProject: the state is damaged, or of another version.
        Refused: the folder is not empty, or an extra needs a pattern.
    """
    path = options.recorded or Path()
    state = _read(path)
    if not options.example:
        raise BadInput(
            "`--no-example` has no use with `--from`, which says what resources there are.",
            "Leave it out, and run `fastgen remove router NAME` in the project.",
        )
    target = free_target(options, options.name or state.answers.name)
    overlays = parse_overlay_options(
        options.overlays,
        options.overlay_data,
        options.overlay_replaces,
        trust=options.trust,
        recorded=state.overlays,
        base=path if path.is_dir() else path.parent,
    )
    requested = state.answers.patterns
    if options.patterns is not None:
        requested = patterns.choose(options.patterns)
    added = [
        Operation("extra", name)
        for name in extras.choose(options.extras)
        if state.find("extra", name) is None
    ]
    project = NewProject(
        answers=_answers(options, state.answers, target.name, requested),
        target=target,
        operations=(*state.operations, *added),
        git=options.git,
        install=options.install,
        overlays=overlays,
    )
    extras.check_needs(extras.extras_of(project.operations), project.answers.patterns)
    return Request(project, requested, was_asked=False)


def _answers(
    options: NewOptions, recorded: Answers, name: str, requested: tuple[str, ...]
) -> Answers:
    chosen = patterns.with_needs(requested)
    queue = options.queue
    if queue is None and "queue" in chosen:
        queue = recorded.queue or None
    typed = {
        option: check_text(option, text)
        for option in MAX_CHARACTERS
        if (text := getattr(options, option)) is not None
    }
    queue = choose_one("queue", queue, chosen)
    return replace(recorded, name=name, patterns=chosen, queue=queue, **typed)


def _read(path: Path) -> State:
    """The state in a folder, in its state file, or in one file."""
    if path.name == STATE_FILE:
        path = path.parent
    try:
        state = read_state(path) if path.is_dir() else read_state_file(path)
    except FileNotFoundError:
        raise BadInput(
            f"`{path}` does not exist.", "Name the folder of a project, or a file with its state."
        ) from None
    check_recorded(path, state)
    return state
