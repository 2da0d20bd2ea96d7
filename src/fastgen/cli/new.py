"""`fastgen new`: a project, whole or not at all."""

import os
import secrets
import shlex
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from fastgen import __version__, console, git, prompts, uv
from fastgen.changes import changed_files
from fastgen.cli.command_result import CommandResult
from fastgen.cli.options import Debug, DryRun, Json, Yes
from fastgen.cli.overlay_options import overlay_words, parse_overlay_options
from fastgen.cli.run_plan import is_dialogue_possible
from fastgen.errors import BadInput
from fastgen.names.project import check_project_name, default_title
from fastgen.project import patterns
from fastgen.project.operations import EXAMPLES
from fastgen.project.request import Answers, NewProject, OverlayOptions
from fastgen.project.state import State
from fastgen.project.state_files import state_files
from fastgen.rendering.project_renderer import render_project
from fastgen.report import File, Report
from fastgen.transaction import check_target, staging, write, write_secret

if TYPE_CHECKING:
    from fastgen.overlays import LoadedOverlay

SETUP_WITH_PIP = (
    "python -m venv .venv && . .venv/bin/activate",
    "python -m pip install --upgrade pip && python -m pip install --editable . --group dev",
)
MAX_CHARACTERS = {"title": 200, "description": 2000, "author": 200}


def _complete_patterns(typed: str) -> list[str]:
    """What the shell proposes behind `--with`, also after a comma."""
    done, comma, last = typed.rpartition(",")
    names = [*patterns.names(), "all", "none"]
    return [f"{done}{comma}{name}" for name in names if name.startswith(last)]


def new(
    name: Annotated[
        str | None,
        typer.Argument(help="Name of the project and its folder; `.` is the current folder."),
    ] = None,
    with_: Annotated[
        list[str] | None,
        typer.Option(
            "--with",
            metavar="LIST",
            help="Patterns, with commas or repeated; `all`, `none`.",
            autocompletion=_complete_patterns,
        ),
    ] = None,
    parent: Annotated[
        Path, typer.Option("--dir", metavar="PARENT", help="Where the folder goes.")
    ] = Path(),
    title: Annotated[str | None, typer.Option(help="Title of the service.")] = None,
    description: Annotated[str | None, typer.Option(help="Purpose of the service.")] = None,
    author: Annotated[str, typer.Option(help="Maintainer of the service.")] = "",
    overlay: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SOURCE[@REF]",
            help="A Copier template, a folder or a git URL, to render on top; may be repeated.",
        ),
    ] = None,
    overlay_data: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=VALUE", help="An answer to a question of an overlay; may be repeated."
        ),
    ] = None,
    overlay_replaces: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATH", help="A file or a glob that overlays may replace; may be repeated."
        ),
    ] = None,
    trust: Annotated[
        bool,
        typer.Option("--trust", help="Let overlays run their tasks and load Jinja extensions."),
    ] = False,
    no_example: Annotated[
        bool, typer.Option("--no-example", help="Leave the example resource out.")
    ] = False,
    no_git: Annotated[bool, typer.Option("--no-git", help="Make no git repository.")] = False,
    install: Annotated[
        bool, typer.Option("--install", help="Install what the project needs, with uv.")
    ] = False,
    dry_run: DryRun = False,
    json: Json = False,
    yes: Yes = False,
    debug: Debug = False,  # noqa: ARG001  # read where errors end
) -> CommandResult:
    """Make a new project: asks which patterns you want, and renders them."""
    may_ask = is_dialogue_possible() and not (yes or json)
    dialogue = may_ask and (name is None or with_ is None)
    if name is None:
        if not may_ask:
            raise BadInput("The name of the project is missing.", "Write `fastgen new NAME`.")
        name = prompts.ask_name()
    target = _target(name, parent)
    check_target(target)
    overlays = parse_overlay_options(overlay, overlay_data, overlay_replaces, trust=trust)
    loaded = _loaded(overlays, target)
    requested = _patterns(with_, may_ask=may_ask)
    title = _text("title", title, default_title(target.name), ask=dialogue)
    description = _text("description", description, f"The {title} service.", ask=dialogue)
    project = NewProject(
        answers=Answers(
            name=target.name,
            title=title,
            description=description,
            author=_checked("author", author),
            patterns=patterns.with_needs(requested),
        ),
        target=target,
        operations=() if no_example else EXAMPLES,
        git=not no_git,
        install=install,
        overlays=overlays,
    )
    report = _planned(project, loaded) if dry_run else _made(project, loaded)

    def show() -> None:
        for sentence in patterns.needs_sentences(requested):
            console.show_line(sentence)
        console.show_tree(target.name, report.files)
        if not dry_run:
            console.show_commands("Next:", report.next)
        if dialogue:
            console.show_commands("The same without questions:", [_equivalent(project)])

    return CommandResult(report, show, json)


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


def _text(option: str, value: str | None, default: str, *, ask: bool) -> str:
    if value is None:
        value = prompts.ask_text(f"{option.capitalize()}:", default) if ask else default
    return _checked(option, value)


def _checked(option: str, text: str) -> str:
    """The text if it can be stored, decoded again: an ASCII locale leaves its bytes as escapes.

    Raises:
        BadInput: it is too long, has a NUL character, or is not UTF-8, such as a lone surrogate.
    """
    try:
        text = text.encode("utf-8", "surrogateescape").decode("utf-8")
    except UnicodeError:
        raise BadInput(f"The {option} is not valid UTF-8.", "Type it again.") from None
    if "\x00" in text:
        raise BadInput(f"The {option} contains a NUL character.", "Remove it.")
    if len(text) > MAX_CHARACTERS[option]:
        raise BadInput(
            f"The {option} has {len(text):,} characters; the maximum is "
            f"{MAX_CHARACTERS[option]:,}.",
            "Shorten it.",
        )
    return text


def _loaded(overlays: OverlayOptions, target: Path) -> "list[LoadedOverlay]":
    """Read the overlays before anything is written: a folder may be the parent of the project."""
    if not overlays.sources:
        return []
    from fastgen.overlays import load_overlay  # inside: most projects have none

    return [load_overlay(source, target) for source in overlays.sources]


def _planned(project: NewProject, overlays: "Sequence[LoadedOverlay]") -> Report:
    with TemporaryDirectory(prefix="fastgen-") as folder:
        files = _fill(Path(folder), project, overlays, run_tasks=False)
    return _report(project, files, planned=True)


def _made(project: NewProject, overlays: "Sequence[LoadedOverlay]") -> Report:
    if project.install:
        uv.require_uv()
    with staging(project.target) as folder:
        files = _fill(folder, project, overlays)
        if project.git:
            git.init_repository(folder)
        if project.install:
            uv.install(folder)
    return _report(project, files)


def _fill(
    folder: Path,
    project: NewProject,
    overlays: "Sequence[LoadedOverlay]",
    *,
    run_tasks: bool = True,
) -> list[File]:
    """Write the whole project into an empty folder."""
    from fastgen.planning.plan_add import replayed  # inside: `--help` needs none of this

    answers = project.answers
    write(folder, render_project(answers))
    state = State(__version__, answers)
    for operation in project.operations:
        changes = replayed(folder, answers.patterns, operation, state.operations)
        write(folder, changed_files(changes))
        state = state.with_operation(operation)
    if overlays:
        from fastgen.overlays import render_overlays

        recorded = render_overlays(folder, overlays, answers, project.overlays, run_tasks=run_tasks)
        state = replace(state, overlays=recorded)
    write(folder, {path: text.encode() for path, text in state_files(state).items()})
    write_secret(folder / ".env", _own_settings())
    return [
        File(path.relative_to(folder).as_posix(), "create", path.stat().st_size)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]


def _own_settings() -> str:
    return f"# Settings of this machine alone.\nSECRET_KEY={secrets.token_urlsafe(32)}\n"


def _report(project: NewProject, files: Sequence[File], *, planned: bool = False) -> Report:
    return Report(
        command="new",
        status="planned" if planned else "done",
        path=project.target,
        patterns=project.answers.patterns,
        files=files,
        next=_next(project),
    )


def _next(project: NewProject) -> list[str]:
    """How to go on, with the programs that are there."""
    chosen = [
        pattern for pattern in patterns.all_patterns() if pattern.name in project.answers.patterns
    ]
    further = [pattern.setup for pattern in chosen if pattern.setup]
    if shutil.which("just"):
        install, start = ["just setup"], "just dev"
        further = further if project.install else []  # its `setup` does that too
    elif shutil.which("uv"):
        install, start = ["uv sync"], "uv run fastapi dev"
    else:
        install, start = list(SETUP_WITH_PIP), "fastapi dev"
    if shutil.which("uv"):
        further = [f"uv run {command}" for command in further]
    folder = os.path.relpath(project.target)
    enter = [] if folder == os.curdir else [f"cd {shlex.quote(folder)}"]
    return [*enter, *([] if project.install else install), *further, start]


def _equivalent(project: NewProject) -> str:
    """The command that makes the same project without a dialogue."""
    answers = project.answers
    words = ["fastgen", "new", answers.name, "--with", ",".join(answers.patterns) or "none"]
    if project.target.parent != Path.cwd():
        words += ["--dir", os.path.relpath(project.target.parent)]
    words += ["--title", answers.title, "--description", answers.description]
    words += ["--author", answers.author] if answers.author else []
    words += overlay_words(project.overlays)
    flags = {
        "--no-example": not project.operations,
        "--no-git": not project.git,
        "--install": project.install,
        "--trust": project.overlays.trust,
    }
    return shlex.join([*words, *(flag for flag, wanted in flags.items() if wanted)])
