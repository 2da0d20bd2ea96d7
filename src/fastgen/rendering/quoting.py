"""Any text, quoted so that it reads back equal from the syntax that it is put into."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from itertools import chain, count, pairwise

LINE_WIDTH = 100
PART_WIDTH = 80

_SHORT = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_DOTENV = {
    "\\": "\\\\",
    '"': '\\"',
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
}
_MARKDOWN_ANYWHERE = re.compile(r"[\\`*_\[\]<>&~|$]|#$")
_MARKDOWN_LINE_START = re.compile(r"^([0-9]*)([#+=.)-])")


def quoted(text: str) -> Mapping[str, str]:
    """Every form that a template may ask for, by the name of its syntax."""
    return {
        "text": text,
        "python": python(text),
        "toml": toml(text),
        "toml_line": toml(" ".join(text.split())),
        "dotenv": dotenv(text),
        "markdown": markdown(text),
        "markdown_line": markdown_line(text),
    }


def python(text: str) -> str:
    """A string literal as a formatter leaves it: the quotes that need fewer escapes."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    return quote + "".join(_escaped(character, quote, "\\x{:02x}") for character in text) + quote


def assignment(target: str, text: str) -> str:
    """A statement that assigns a text, on as many lines as a formatter gives it."""
    indent = " " * (len(target) - len(target.lstrip()) + 4)
    if width(line := f"{target} = {python(text)}") <= LINE_WIDTH:
        return line
    return "\n".join([f"{target} = (", *literal_lines(text, indent), f"{indent[4:]})"])


def literal_lines(text: str, indent: str) -> list[str]:
    """A literal on lines of its own: on one if it fits there."""
    literal = python(text)
    parts = [literal] if width(indent + literal) <= LINE_WIDTH else _parts(text)
    return [indent + part for part in parts]


def width(text: str) -> int:
    """The number of columns of a text in a fixed-width font."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _parts(text: str) -> Iterator[str]:
    """Literals of up to `PART_WIDTH` columns, which end behind a blank where there is one."""
    while width(python(text)) > PART_WIDTH:
        end = next(end for end in count(1) if width(python(text[: end + 1])) > PART_WIDTH)
        end = text.rfind(" ", 0, end) + 1 or end
        yield python(text[:end])
        text = text[end:]
    yield python(text)


def toml(text: str) -> str:
    """A basic string on one line."""
    if text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return '"' + "".join(_escaped(character, '"', "\\u{:04x}") for character in text) + '"'


def dotenv(text: str) -> str:
    """A value in double quotes; `${` would be replaced by a variable, so it is made by one."""
    escaped = "".join(_DOTENV.get(character, character) for character in text)
    return '"' + escaped.replace("${", "${:-$}{") + '"'


def markdown(text: str) -> str:
    """Text that means nothing but itself, on as many lines as it has where a paragraph may."""
    lines = text.split("\n")
    joints = (
        # A blank line would end the paragraph.
        "\n" if above.strip() and below.strip() else "&#10;"
        for above, below in pairwise(lines)
    )
    return "".join(chain.from_iterable(zip(map(_markdown_line, lines), [*joints, ""], strict=True)))


def markdown_line(text: str) -> str:
    """The same for a place that ends with its line, such as a heading."""
    return "&#10;".join(map(_markdown_line, text.split("\n")))


def _markdown_line(line: str) -> str:
    line = _MARKDOWN_LINE_START.sub(r"\1\\\2", _MARKDOWN_ANYWHERE.sub(r"\\\g<0>", line))
    last = len(line) - 1
    return "".join(
        # Blanks at either end would be trimmed.
        f"&#{ord(character)};"
        if character in "\t\f\r" or (character == " " and index in (0, last))
        else character
        for index, character in enumerate(line)
    )


def _escaped(character: str, quote: str, short_hex: str) -> str:
    if character in _SHORT:
        return _SHORT[character]
    if character == quote:
        return f"\\{quote}"
    if character.isprintable():
        return character
    code = ord(character)
    if code < 0x100:
        return short_hex.format(code)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
