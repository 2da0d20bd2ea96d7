"""The command line. Each command is a module; here an error becomes a message and an exit code."""

import gc
import io
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Annotated, Literal

import typer

from fastgen import __version__, console
from fastgen.cli import add, doctor, listing, new, remove, update, web_page
from fastgen.cli.command_result import CommandResult
from fastgen.errors import BadInput, Bug, EnvironmentFault, FastgenError, Interrupted
from fastgen.interruption import interruptible
from fastgen.report import error_as_json

app = typer.Typer(
    name="fastgen",
    # Markup would need rich, whose import takes as long as all the rest of `--help`.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command("new")(new.new)
app.add_typer(add.app, name="add")
app.add_typer(remove.app, name="remove")
app.command("update")(update.update)
app.command("list")(listing.show_list)
app.command("doctor")(doctor.doctor)
app.command("web")(web_page.web)

GROUPS = ("add", "remove")
"""Commands with subcommands."""


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
    _make_streams_usable()
    exit_code = run(sys.argv[1:])
    _show(sys.stdout.flush)
    sys.exit(exit_code)


def run(arguments: Sequence[str]) -> int:
    """Run one command; its exit code.

    Results go to stdout and errors to stderr; with `--json` one document for both to stdout.
    """
    try:
        with interruptible():
            result = app(list(arguments), prog_name="fastgen", standalone_mode=False)
    except Interrupted as interruption:
        _show_error(f"Stopped by {interruption.name}.", "Nothing was written.")
        return interruption.exit_code
    except SystemExit:
        return 0  # Typer ends the process when the pipe of its help is closed
    except Exception as error:  # noqa: BLE001  # the one place where all errors end
        if "--debug" in arguments:
            import traceback  # inside: for a fast start

            with suppress(OSError):
                traceback.print_exc()
        return _show_failure(_as_failure(error), arguments)
    if not isinstance(result, CommandResult):
        return result or 0
    _show(result.show)
    return result.report.exit_code


def _as_failure(error: Exception) -> FastgenError:
    match error:
        case FastgenError():
            return error
        case typer.TyperException():
            message = error.format_message().replace("Value error, ", "")  # pydantic's prefix
            context = getattr(error, "ctx", None)
            words = context.command_path.split()[1:] if context else []
            return BadInput(message, f"See `{' '.join(['fastgen', *words])} --help`.")
        case typer.Abort():
            return BadInput("The input ended before the dialogue.", "Use flags and `--yes`.")
        case OSError():
            return EnvironmentFault.from_os_error(error)
        case _:
            return Bug(f"This is a bug in fastgen: {type(error).__name__}: {error}.")


def _show_failure(failure: FastgenError, arguments: Sequence[str]) -> int:
    if "--json" in arguments:
        words = [word for word in arguments if not word.startswith("-")]
        command = " ".join(words[: 2 if words[:1] and words[0] in GROUPS else 1])
        _show(lambda: typer.echo(error_as_json(command, failure)))
    else:
        _show_error(failure.message, failure.hint)
    return failure.exit_code


def _show_error(message: str, hint: str) -> None:
    """Print an error; a full disk or a closed pipe does not change the exit code."""
    try:
        console.show_error(message, hint)
        sys.stderr.flush()
    except OSError:
        sys.stderr = _nothing("w")


def _show(show: Callable[[], None]) -> None:
    """Print; a closed pipe does not undo what the command has done."""
    try:
        show()
    except (OSError, SystemExit):  # rich wants to end the process when the pipe is closed
        sys.stdout = _nothing("w")


def _make_streams_usable() -> None:
    """Let the streams take any text, as escapes if need be, and even when they are closed."""
    sys.stdin = sys.stdin or _nothing("r")
    sys.stdout = sys.stdout or _nothing("w")
    sys.stderr = sys.stderr or _nothing("w")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _nothing(mode: Literal["r", "w"]) -> IO[str]:
    return Path(os.devnull).open(mode)  # open until the process ends
