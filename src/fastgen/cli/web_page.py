"""`fastgen web`: serves the page on which projects are chosen."""

from typing import Annotated

import typer

from fastgen.cli.options import Debug
from fastgen.cli.terminal import is_dialogue_possible
from fastgen.errors import EnvironmentFault, Interrupted


def web(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 for any free one.", min=0, max=65535)] = 8765,
    open_: Annotated[
        bool | None,
        typer.Option("--open/--no-open", help="Open a browser; the default on a terminal."),
    ] = None,
    allow_remote: Annotated[
        bool, typer.Option("--allow-remote", help="Let other machines reach the page.")
    ] = False,
    debug: Debug = False,  # noqa: ARG001  # read where errors end
) -> None:
    """Choose, preview and download a project on a page in the browser."""
    try:
        from fastgen.web import server  # inside: the extra may be missing
    except ModuleNotFoundError as error:
        raise EnvironmentFault(
            f"The page needs `{error.name}`, which is not installed.",
            "Install fastgen with its extra: in its checkout, `python -m pip install '.[web]'`.",
        ) from None
    server.check_host(host, allow_remote=allow_remote)
    with server.listen(host, port) as listening:
        shown = f"[{host}]" if ":" in host else host
        url = f"http://{shown}:{listening.getsockname()[1]}/"
        typer.echo(f"The page is at {url} until you press Ctrl-C.")
        if is_dialogue_possible() if open_ is None else open_:
            server.show_in_browser(url)
        try:
            server.serve(listening, host)
        except Interrupted as interruption:  # the way to end it
            raise typer.Exit(interruption.exit_code) from None
