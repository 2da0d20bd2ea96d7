"""The list of middleware after formatters and people have wrapped it in their own ways."""

import ast
import subprocess
import sys
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

import black
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastgen.codemods import Edited, Entry, add_middleware, remove_middleware
from fastgen.codemods.list_elements import expression
from fastgen.middleware.catalogue import find, known
from fastgen.middleware.edits import entry_of

NAMES = [*known(), "audit"]
ENTRIES = [entry_of(find(name)) for name in NAMES]
EDITED = '''"""The middleware of the service."""

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from app.middleware.access_log import AccessLog
from app.middleware.body_limit import BodyLimit
from app.middleware.draining import Draining
from app.middleware.etag import ETag
from app.middleware.gzip import GZip
from app.middleware.request_id import RequestId
from app.middleware.security_headers import SecurityHeaders
from app.settings import Settings


def middleware(settings: Settings) -> list[Middleware]:
    """A list that people have changed."""
    return [
        Middleware(RequestId),
        *([Middleware(AccessLog, as_json=settings.in_production)] if settings.access_log else []),
        Middleware(Draining),
        Middleware(SecurityHeaders, paths=[settings.docs_path, settings.redoc_path]),
        *(
            Middleware(CORSMiddleware, allow_origins=[origin, *settings.more])
            for origin in settings.allowed_origins
        ),
        Middleware(BodyLimit, settings.max_body_bytes, settings.body_limits()),
        Middleware(GZip, minimum_size=500) if settings.gzip else Middleware(ETag),
    ]
'''


def by_black(text: str, width: int) -> str:
    return black.format_str(text, mode=black.Mode(line_length=width))


def by_black_preview(text: str, width: int) -> str:
    mode = black.Mode(line_length=width, preview=True, unstable=True)
    return black.format_str(text, mode=mode)


def run(text: str, *command: str) -> str:
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    return done.stdout


def by_ruff(text: str, width: int) -> str:
    return run(
        text, sys.executable, "-m", "ruff", "format", "--isolated", f"--line-length={width}", "-"
    )


def by_yapf(text: str, width: int) -> str:
    style = f"{{based_on_style: pep8, column_limit: {width}}}"
    return run(text, sys.executable, "-m", "yapf", "--style", style)


def by_autopep8(text: str, width: int) -> str:
    options = ["-aa", f"--max-line-length={width}", "-"]
    return run(text, sys.executable, "-m", "autopep8", *options)


FORMATTERS: list[tuple[Callable[[str, int], str], Iterable[int]]] = [
    (by_black, range(40, 121, 4)),
    (by_black_preview, [50, 80]),
    (by_ruff, range(40, 121, 10)),
    (by_yapf, [40, 60, 88, 120]),
    (by_autopep8, [40, 60, 88, 120]),
]


def parsed(text: str) -> ast.Module:
    return ast.parse(text.removeprefix("\ufeff"))


@cache
def dumped(text: str) -> str:
    return ast.dump(parsed(text))


def without(text: str, entry: Entry, known_before: str) -> str:
    """The tree of a text with exactly one element equal to the entry taken out of a list."""
    tree, code = parsed(text), ast.dump(expression(entry.code))
    sequences = [node for node in ast.walk(tree) if isinstance(node, ast.List | ast.Tuple)]
    places = [
        (node, element) for node in sequences for element in node.elts if ast.dump(element) == code
    ]
    assert len(places) == 1
    node, element = places[0]
    node.elts.remove(element)
    lines = {ast.unparse(node) for node in parsed(known_before).body}
    tree.body = [
        node
        for node in tree.body
        if not isinstance(node, ast.ImportFrom) or ast.unparse(node) in lines
    ]
    return ast.dump(tree)


def check(text: str, entry: Entry) -> str:
    """Add the entry and remove it; the text between."""
    outcome = add_middleware(text, entry)

    assert isinstance(outcome, Edited), outcome
    assert without(outcome.source, entry, text) == dumped(text)
    assert remove_middleware(outcome.source, entry) == Edited(text)
    return outcome.source


@pytest.fixture(scope="module")
def generated(plain_project: Path) -> str:
    return (plain_project / "app" / "middleware" / "__init__.py").read_text("utf-8")


@pytest.mark.parametrize("edited", [False, True], ids=["generated", "edited"])
@pytest.mark.parametrize(
    ("formatter", "widths"), FORMATTERS, ids=[each.__name__ for each, _ in FORMATTERS]
)
def test_every_entry_after_a_formatter(
    generated: str, edited: bool, formatter: Callable[[str, int], str], widths: Iterable[int]
) -> None:
    texts = {formatter(EDITED if edited else generated, width): width for width in widths}
    for number, (text, width) in enumerate(texts.items()):
        for entry in ENTRIES:
            added = check(text, entry)
            if NAMES[number % len(NAMES)].replace("-", "_") in entry.module:
                removed = remove_middleware(formatter(added, width), entry)
                assert isinstance(removed, Edited)
                assert dumped(removed.source) == dumped(formatter(text, width))


ELEMENTS = [
    "Middleware(RequestId)",
    "Middleware(Mine, \"größer, [\", '(')",
    "*([Middleware(AccessLog, as_json=LOG)] if LOG else [])",
    "*first",
    "Draining",
    "*([Middleware(SecurityHeaders, [1, 2])] if LOG else [])",
    "Middleware(TrustedHost, *[host for host in HOSTS if host], **{'a': (1,)})",
    "*(Middleware(CORSMiddleware, origin) for origin in ORIGINS)",
    "Ours(lambda request, *more: request[0])",
    'f"{BodyLimit}"',
    'Middleware(BodyLimit, """[\n, (""")',
    "GZip()(1)[2].three",
    "Middleware(ETag) if TAGS else Middleware(Mine)",
]
GAPS = st.sampled_from(
    ["", "", " ", "\n", "\n    ", "\n\t", "  # a, (b]\n  ", "\n # größer\n", "\f"]
)
RETURNED = "def middleware(_):\n    return MIDDLEWARE\n"
FRAMES = st.sampled_from(
    [
        f"MIDDLEWARE = [{{}}]\n{RETURNED}",
        f"größe = '☃'; MIDDLEWARE = [{{}}]; more = 1\n{RETURNED}",
        "def middleware(settings):\n\treturn first + [{}] + last\n",
        f"MIDDLEWARE: list[Middleware] = ({{}})\n{RETURNED}",
    ]
)
IMPORTS = (
    "from starlette.middleware import Middleware\n\n"
    "settings = Settings()\nNONE = Middleware(None)\n"
)


@st.composite
def wrapped_lists(draw: st.DrawFn, *further: str) -> str:
    """A list whose text is broken between its tokens in ways that no formatter would."""
    numbers = draw(st.sets(st.integers(0, len(ELEMENTS) - 1)).map(lambda found: {0, *found}))
    elements = [ELEMENTS[number] for number in sorted(numbers)]
    for element in further:
        elements.insert(draw(st.integers(0, len(elements))), element)
    parts = []
    for element in elements:
        part = element
        for _ in range(0 if element.startswith("*") else draw(st.integers(0, 2))):
            part = f"({draw(GAPS)}{part}{draw(GAPS)})"
        parts.append(f"{draw(GAPS)}{part}{draw(GAPS)}")
    frame = draw(FRAMES)
    trailing = "," if "({})" in frame or draw(st.booleans()) else ""
    text = IMPORTS + frame.format(",".join(parts) + trailing + draw(GAPS))
    newline = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    return draw(st.sampled_from(["", "\ufeff"])) + text.replace("\n", newline)


@settings(max_examples=200)
@given(wrapped_lists(), st.sampled_from(ENTRIES))
def test_lists_that_are_wrapped_at_random(text: str, entry: Entry) -> None:
    check(text, entry)


REMOVED = [entry for entry in ENTRIES if entry.name in ("CSRF", "HttpsRedirect")]


@settings(max_examples=200)
@given(st.data(), st.sampled_from(REMOVED))
def test_removal_from_lists_that_are_wrapped_at_random(data: st.DataObject, entry: Entry) -> None:
    text = data.draw(wrapped_lists(entry.code))
    newline = next(each for each in ("\r\n", "\n", "\r") if each in text)
    line = "import Middleware" + newline
    before = text.replace(line, f"{line}{newline}{entry.import_line}{newline}", 1)

    outcome = remove_middleware(before, entry)

    assert isinstance(outcome, Edited), outcome
    assert dumped(outcome.source) == without(text, entry, text)
