"""Draws what a terminal shows while `fastgen new` runs, for the README.

    .venv/bin/python docs/pictures/draw.py

A real run on a real terminal: the keys are typed, and the screen is written as SVG.
"""

import os
import sys
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

import pexpect
import pyte
from pyte.screens import Char
from rich.console import Console
from rich.style import Style
from rich.text import Text

HERE = Path(__file__).parent
COLUMNS, LINES = 100, 400
ENTER, DOWN, SPACE = "\r", "\x1b[B", " "
# Without the fonts that rich would have fetched from elsewhere.
SVG = """\
<svg viewBox="0 0 {terminal_width} {terminal_height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{
    font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace;
    font-size: {char_height}px; line-height: {line_height}px; white-space: pre;
}}
{styles}
</style>
<defs>{lines}</defs>
<rect width="{terminal_width}" height="{terminal_height}" rx="8" fill="#1b1d23"/>
<g transform="translate(9, 9)">
{backgrounds}
<g class="{unique_id}-matrix">{matrix}</g>
</g>
</svg>
"""


class Terminal:
    """A terminal with a command in it, and what it shows."""

    def __init__(self, *command: str, cwd: str) -> None:
        self._screen = pyte.Screen(COLUMNS, LINES)
        self._stream = pyte.Stream(self._screen)
        variables = {**os.environ, "TERM": "xterm-256color", "PATH": "/usr/bin:/bin"}
        variables.pop("CI", None)
        self._child = pexpect.spawn(
            command[0],
            [*command[1:]],
            cwd=cwd,
            env=variables,
            dimensions=(LINES, COLUMNS),
            encoding="utf-8",
            timeout=60,
        )
        self._child.logfile_read = self

    def write(self, text: str) -> None:
        self._stream.feed(text)

    def flush(self) -> None:
        """Nothing is kept back."""

    def answer(self, question: str, keys: str) -> None:
        self.wait_for(question)
        self._child.send(keys)

    def wait_for(self, text: str) -> None:
        self._child.expect_exact(text)

    def end(self) -> None:
        self._child.expect(pexpect.EOF)
        self._child.close()
        if self._child.exitstatus != 0:
            raise RuntimeError("fastgen has failed")

    def lines(self) -> list[Text]:
        """What is on the screen, with its colours."""
        last = max(y for y, text in enumerate(self._screen.display) if text.strip())
        rows = [self._screen.buffer[y] for y in range(last + 1)]
        return [_line([row[x] for x in range(COLUMNS)]) for row in rows]


def _line(cells: list[Char]) -> Text:
    runs = groupby(cells, _style)
    line = Text.assemble(*(("".join(cell.data for cell in run), style) for style, run in runs))
    line.rstrip()
    return line


def _style(char: Char) -> Style:
    names = {"default": None, "brown": "yellow"}
    color = names.get(char.fg, char.fg)
    is_hex = color is not None and len(color) == 6 and color.isalnum() and not color.isalpha()
    return Style(color=f"#{color}" if is_hex else color, bold=char.bold)


def draw(lines: list[Text], name: str) -> None:
    console = Console(record=True, width=COLUMNS, file=open(os.devnull, "w"))  # noqa: SIM115, PTH123
    for line in [*lines, Text()]:  # the last one is room below
        console.print(line, no_wrap=True)
    svg = console.export_svg(title="", code_format=SVG, unique_id="terminal")
    (HERE / name).write_text(svg, "utf-8")


def main() -> None:
    with TemporaryDirectory() as folder:
        terminal = Terminal(sys.executable, "-m", "fastgen", "new", cwd=folder)
        terminal.answer("Name of the project:", f"shop{ENTER}")
        terminal.wait_for("Patterns:")
        terminal.wait_for("database")
        choosing = terminal.lines()
        terminal.answer("\n", ENTER)
        terminal.answer("Title:", ENTER)
        terminal.answer("Description:", ENTER)
        terminal.end()
    lines = terminal.lines()
    tree = next(number for number, line in enumerate(lines) if line.plain.startswith("shop/"))
    commands = next(number for number, line in enumerate(lines) if line.plain.startswith("Next:"))
    draw([*choosing, Text("..."), *lines[commands:]], "dialogue.svg")
    draw(lines[tree : commands - 1], "tree.svg")


if __name__ == "__main__":
    main()
