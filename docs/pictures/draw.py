"""Draws what a terminal shows while `fastgen new` runs, for the README.

    .venv/bin/python -m docs.pictures.draw

A real run on a real terminal: the keys are typed, and the screen is written as SVG.
"""

import os
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

from pyte.screens import Char
from rich.console import Console
from rich.style import Style
from rich.text import Text

from tests.terminal import ENTER, Terminal

HERE = Path(__file__).parent
COLUMNS = 100
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


def screen(terminal: Terminal) -> list[Text]:
    """What a terminal shows, with its colours."""
    shown = terminal.screen
    last = max(y for y, text in enumerate(shown.display) if text.strip())
    return [_line([shown.buffer[y][x] for x in range(COLUMNS)]) for y in range(last + 1)]


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
        terminal = Terminal("new", cwd=Path(folder), columns=COLUMNS, PATH="/usr/bin:/bin")
        terminal.answer("Name of the project:", f"shop{ENTER}")
        terminal.wait_for("SQLAlchemy")
        choosing = screen(terminal)
        terminal.answer("URL", ENTER)
        terminal.answer("Prometheus", ENTER)
        terminal.answer("Title:", ENTER)
        terminal.answer("Description:", ENTER)
        if terminal.end() != 0:
            raise RuntimeError("fastgen has failed")
    lines = screen(terminal)
    tree = next(number for number, line in enumerate(lines) if line.plain.startswith("shop/"))
    commands = next(number for number, line in enumerate(lines) if line.plain.startswith("Next:"))
    draw([*choosing, Text("..."), *lines[commands:]], "dialogue.svg")
    draw(lines[tree : commands - 1], "tree.svg")


if __name__ == "__main__":
    main()
