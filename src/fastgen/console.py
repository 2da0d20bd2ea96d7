"""Output for people. The only user of rich, which is imported when something is printed."""

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from fastgen.report import Entry, File

if TYPE_CHECKING:
    from rich.console import Console
    from rich.tree import Tree


def show_tree(root: str, files: Iterable[File], *, levels: int | None = None) -> None:
    """The files as a tree, with their sizes. With `levels`, deeper folders are one line each."""
    from rich.text import Text
    from rich.tree import Tree

    folders: dict[str, Tree] = {"": Tree(Text(f"{root}/", "bold"), guide_style="dim")}

    def folder(path: str) -> "Tree":
        if path not in folders:
            above, _, name = path.rpartition("/")
            folders[path] = folder(above).add(Text(f"{name}/", "bold"))
        return folders[path]

    sizes: dict[str, list[int]] = {}
    for file in files:
        parts = file.path.split("/")
        is_shown = levels is None or len(parts) <= levels
        sizes.setdefault(file.path if is_shown else f"{'/'.join(parts[:levels])}/", []).append(
            file.bytes
        )
    for path in sorted(sizes, key=_folders_first):
        above, _, name = path.removesuffix("/").rpartition("/")
        if path.endswith("/"):
            text = Text.assemble((f"{name}/", "bold"), (f"  {_total(sizes[path])}", "dim"))
        else:
            text = Text.assemble(name, (f"  {_size(*sizes[path])}", "dim"))
        folder(above).add(text)
    _console().print(folders[""])


def show_entries(entries: Sequence[Entry]) -> None:
    """Names and what they stand for, in two columns."""
    width = max((len(entry.name) for entry in entries), default=0)
    for entry in entries:
        sys.stdout.write(f"{entry.name:<{width}}  {entry.summary}".rstrip() + "\n")


def show_line(text: str) -> None:
    """A line, as it is."""
    sys.stdout.write(f"{text}\n")


def show_files(files: Iterable[File]) -> None:
    """Print the change of each file, one a line."""
    for file in files:
        size = f"  {_size(file.bytes)}" if file.bytes else ""
        sys.stdout.write(f"  {file.action:<8} {file.path}{size}\n")


def show_diff(lines: Iterable[str]) -> None:
    """A diff, below what it is about."""
    for number, line in enumerate(lines):
        sys.stdout.write(f"{'' if number else chr(10)}{line}\n")


def show_commands(heading: str, commands: Iterable[str]) -> None:
    """A heading, and commands to copy; in colour where there are colours."""
    if not sys.stdout.isatty():
        sys.stdout.write("\n".join(["", heading, *(f"  {command}" for command in commands), ""]))
        return
    from rich.text import Text

    console = _console()
    console.print()
    console.print(heading, style="bold")
    for command in commands:
        console.print(Text(f"  {command}", "cyan"))


def show_error(message: str, hint: str) -> None:
    """One sentence, and a way out, where errors go; without rich, which may be what failed."""
    sys.stderr.write("\n".join(filter(None, (f"error: {message}", hint and f"hint: {hint}"))))
    sys.stderr.write("\n")


def _console() -> "Console":
    from rich.console import Console

    # Long lines belong to the terminal: a command that is wrapped cannot be copied.
    return Console(highlight=False, soft_wrap=True)


def _folders_first(path: str) -> list[tuple[bool, str]]:
    """A sort key; the path of a folder ends in `/`."""
    *folders, name = path.split("/")
    return [*((False, folder) for folder in folders), (True, name)]


def _total(sizes: Sequence[int]) -> str:
    return f"{len(sizes)} {'file' if len(sizes) == 1 else 'files'}, {_size(sum(sizes))}"


def _size(count: int) -> str:
    return f"{count} B" if count < 1000 else f"{count / 1000:.1f} kB"
