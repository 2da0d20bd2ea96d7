"""The command line: a module a command. Here an error becomes a line and an exit code."""

import gc
import io
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from fastgen import __version__, console
from fastgen.cli import listing, new
from fastgen.errors import BadInput, Bug, EnvironmentFault, FastgenError, Interrupted
from fastgen.report import error_as_json
from fastgen.transaction import interruptible

app = typer.Typer(
    name="fastgen",
    # Markup would need rich, whose import takes as long as all the rest of `--help`.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command("new")(new.new)
app.command("list")(listing.show_list)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"fastgen {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def fastgen(
    context: typer.Context,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", help="Show the version and exit.", callback=_show_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Generate layered FastAPI projects, and extend them."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main() -> None:
    """Run the command line of this process, and end it."""
    gc.disable()  # a process this short gains nothing from it, and pays a tenth of its time
    exit_code = run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except OSError:
        # Whoever read the output has gone; the work is done all the same.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(exit_code)


def run(arguments: Sequence[str]) -> int:
    """Run one command; its exit code.

    Results go to stdout and errors to stderr; with `--json` one document for both to stdout.
    """
    _accept_any_text()
    try:
        with interruptible():
            result: Any = app(list(arguments), standalone_mode=False)
            return int(result or 0)
    except Interrupted as interruption:
        console.show_error(f"Stopped by {interruption.name}.", "Nothing was written.")
        return interruption.exit_code
    except Exception as error:  # noqa: BLE001  # the one place where all errors end
        if "--debug" in arguments:
            traceback.print_exc()
        return _show_failure(_as_failure(error), arguments)


def _as_failure(error: Exception) -> FastgenError:
    match error:
        case FastgenError():
            return error
        case typer.TyperException():
            return BadInput(error.format_message(), "See `fastgen --help`.")
        case typer.Abort():
            return BadInput("The input ended before the dialogue.", "Use flags and `--yes`.")
        case OSError():
            return EnvironmentFault.from_os_error(error)
        case _:
            return Bug(f"This is a bug in fastgen: {type(error).__name__}: {error}.")


def _show_failure(failure: FastgenError, arguments: Sequence[str]) -> int:
    if "--json" in arguments:
        command = next((word for word in arguments if not word.startswith("-")), "")
        typer.echo(error_as_json(command, failure))
    else:
        console.show_error(failure.message, failure.hint)
    return failure.exit_code


def _accept_any_text() -> None:
    """Show what the encoding of the terminal lacks as an escape, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
