"""Results as Markdown: on the terminal, and with `--write` in the README too."""

import sys
from collections.abc import Sequence
from pathlib import Path

README = Path(__file__).with_name("README.md")


def publish(name: str, title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Show a table; `name` is where it goes in the README."""
    rule = ["---"] * len(header)
    table = "\n".join(f"| {' | '.join(row)} |" for row in (header, rule, *rows))
    text = f"{title}\n\n{table}"
    print(f"\n{text}", flush=True)
    if "--write" in sys.argv:
        _replace(name, text)


def _replace(name: str, text: str) -> None:
    start, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    before, found, rest = README.read_text("utf-8").partition(start)
    _, ends, after = rest.partition(end)
    if not found or not ends:
        raise LookupError(f"{README} has no place for `{name}`")
    README.write_text(f"{before}{start}{text}\n{end}{after}", "utf-8")
