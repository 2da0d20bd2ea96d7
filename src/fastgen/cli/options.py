"""The options that several commands have, and what shells propose for them."""

from typing import Annotated

import typer

DryRun = Annotated[bool, typer.Option("--dry-run", help="Show the plan, and touch nothing.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document, for errors too.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing; take the defaults.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]


def complete_extras(typed: str) -> list[str]:
    """Completions for the name of an extra."""
    from fastgen.project import extras  # inside: for a fast `--help`

    return [name for name in extras.names() if name.startswith(typed)]
