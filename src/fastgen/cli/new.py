"""`fastgen new`: its options. `new_project.py` makes the project."""

from pathlib import Path
from typing import Annotated

import typer

from fastgen.cli.command_result import CommandResult
from fastgen.cli.options import Debug, DryRun, Json, Yes, complete_extras


def _complete_patterns(typed: str) -> list[str]:
    """Completions for `--with`, also after a comma."""
    from fastgen.project import patterns

    done, comma, last = typed.rpartition(",")
    names = [*patterns.names(), "all", "none"]
    return [f"{done}{comma}{name}" for name in names if name.startswith(last)]


def _complete_queue(typed: str) -> list[str]:
    """Completions for `--queue`."""
    from fastgen.project.choices import choices_of

    return [each.name for each in choices_of("queue") if each.name.startswith(typed)]


def new(
    name: Annotated[
        str | None,
        typer.Argument(help="Name of the project and its folder; `.` is the current folder."),
    ] = None,
    from_: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="FILE",
            help="A project to make again: its folder, or one file with its state.",
        ),
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
    extra: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="An extra from `fastgen list extras`; may be repeated.",
            autocompletion=complete_extras,
        ),
    ] = None,
    queue: Annotated[
        str | None,
        typer.Option(
            metavar="ENGINE",
            help="Engine of the pattern `queue`.",
            autocompletion=_complete_queue,
        ),
    ] = None,
    parent: Annotated[
        Path, typer.Option("--dir", metavar="PARENT", help="Parent of the folder.")
    ] = Path(),
    title: Annotated[str | None, typer.Option(help="Title of the service.")] = None,
    description: Annotated[str | None, typer.Option(help="Purpose of the service.")] = None,
    author: Annotated[str | None, typer.Option(help="Maintainer of the service.")] = None,
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
    """Create a project. On a terminal, it asks which patterns you want."""
    from fastgen.cli.new_project import run_new  # inside: for a fast `--help`
    from fastgen.cli.new_request import NewOptions

    return run_new(
        NewOptions(
            name=name,
            recorded=from_,
            patterns=with_,
            extras=extra or (),
            queue=queue,
            parent=parent,
            title=title,
            description=description,
            author=author,
            overlays=overlay or (),
            overlay_data=overlay_data or (),
            overlay_replaces=overlay_replaces or (),
            trust=trust,
            example=not no_example,
            git=not no_git,
            install=install,
            dry_run=dry_run,
            json=json,
            yes=yes,
        )
    )
