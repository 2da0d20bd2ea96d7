"""The list of middleware after formatters and people have wrapped it in their own ways."""

import ast
from functools import cache
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fastgen.codemods import Edited, Entry, add_middleware, remove_middleware
from fastgen.codemods.list_elements import expression
from fastgen.middleware.catalogue import find, known
from fastgen.middleware.edits import entry_of
from tests.unit.codemods.formatting import (
    SEEDS,
    WIDTHS,
    Formatter,
    by_autopep8,
    by_black,
    by_black_preview,
    by_ruff,
    by_yapf,
    examples,
    is_python,
    rewrapped,
)

ENTRIES = [entry_of(find(name)) for name in [*known(), "audit"]]
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


FORMATTERS: list[tuple[Formatter, int]] = [
    (by_black, 40),
    (by_black_preview, 10),
    (by_ruff, 40),
    (by_yapf, 15),
    (by_autopep8, 15),
]
"""Each with a number of examples: the last two take half a second for a text."""


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


@pytest.mark.parametrize(
    ("formatter", "count"), FORMATTERS, ids=[each.__name__ for each, _ in FORMATTERS]
)
def test_every_entry_after_a_formatter(generated: str, formatter: Formatter, count: int) -> None:
    @examples(count)
    @given(st.sampled_from([generated, EDITED]), SEEDS, WIDTHS, WIDTHS, st.sampled_from(ENTRIES))
    def check_one(source: str, seed: int | None, width: int, later: int, entry: Entry) -> None:
        text = formatter(rewrapped(source, seed), width)
        assume(is_python(text))

        added = formatter(check(text, entry), later)

        assume(is_python(added))
        removed = remove_middleware(added, entry)
        assert isinstance(removed, Edited)
        assert dumped(removed.source) == dumped(text)

    check_one()


@examples(100)
@given(data=st.data(), seed=st.integers(0, 2**32), entry=st.sampled_from(ENTRIES))
def test_every_entry_in_lines_broken_at_random(
    generated: str, data: st.DataObject, seed: int, entry: Entry
) -> None:
    source = data.draw(st.sampled_from([generated, EDITED]))

    check(rewrapped(source, seed), entry)


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


@examples(200)
@given(wrapped_lists(), st.sampled_from(ENTRIES))
def test_lists_that_are_wrapped_at_random(text: str, entry: Entry) -> None:
    check(text, entry)


REMOVED = [entry for entry in ENTRIES if entry.name in ("CSRF", "HttpsRedirect")]


@examples(200)
@given(st.data(), st.sampled_from(REMOVED))
def test_removal_from_lists_that_are_wrapped_at_random(data: st.DataObject, entry: Entry) -> None:
    text = data.draw(wrapped_lists(entry.code))
    newline = next(each for each in ("\r\n", "\n", "\r") if each in text)
    line = "import Middleware" + newline
    before = text.replace(line, f"{line}{newline}{entry.import_line}{newline}", 1)

    outcome = remove_middleware(before, entry)

    assert isinstance(outcome, Edited), outcome
    assert dumped(outcome.source) == without(text, entry, text)
