"""The list of middleware after formatters and people have wrapped it in their own ways."""

import ast
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path

import autopep8
import black
import pytest
from yapf.yapflib.yapf_api import FormatCode

from fastgen.codemods import Edited, Entry, add_middleware, remove_middleware
from fastgen.middleware.catalogue import find, known
from fastgen.middleware.edits import entry_of

WIDTHS = range(40, 121)
NAMES = [*known(), "audit"]
FLAT = '''"""The middleware of the service."""

from starlette.middleware import Middleware

from app.middleware.access_log import AccessLog
from app.middleware.body_limit import BodyLimit
from app.middleware.cors import CORS
from app.middleware.draining import Draining
from app.middleware.etag import ETag
from app.middleware.gzip import GZip
from app.middleware.request_id import RequestId
from app.middleware.security_headers import SecurityHeaders
from app.settings import Settings


def middleware(settings: Settings) -> list[Middleware]:
    """One class for each concern."""
    return [
        Middleware(RequestId),
        *([Middleware(AccessLog, as_json=settings.in_production)] if settings.access_log else []),
        Middleware(Draining),
        Middleware(SecurityHeaders, paths=[settings.docs_path, settings.redoc_path]),
        *(
            Middleware(CORS, allow_origins=[origin, *settings.more])
            for origin in settings.allowed_origins
        ),
        Middleware(BodyLimit, settings.max_body_bytes, settings.body_limits()),
        Middleware(GZip, minimum_size=500) if settings.gzip else Middleware(ETag),
    ]
'''


def entries(*, flat: bool) -> list[Entry]:
    found = [entry_of(find(name)) for name in NAMES]
    if flat:
        order = [*find("timing").order, *find("rate-limit").order]
        found = [
            replace(
                entry, code=f"Middleware({entry.name}, 1)", is_step=False, order=order, imports=()
            )
            for entry in found
        ]
    return found


def by_black(text: str, width: int) -> str:
    return black.format_str(text, mode=black.Mode(line_length=width))


def by_black_preview(text: str, width: int) -> str:
    mode = black.Mode(line_length=width, preview=True, unstable=True)
    return black.format_str(text, mode=mode)


def by_ruff(text: str, width: int) -> str:
    done = subprocess.run(
        ["ruff", "format", "--isolated", f"--line-length={width}", "-"],
        input=text,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def by_yapf(text: str, width: int) -> str:
    formatted, _ = FormatCode(text, style_config=f"{{based_on_style: pep8, column_limit: {width}}}")
    assert isinstance(formatted, str)
    return formatted


def by_autopep8(text: str, width: int) -> str:
    options = {"max_line_length": width, "aggressive": 2}
    return str(autopep8.fix_code(text, options=options))


FORMATTERS: list[tuple[Callable[[str, int], str], Iterable[int]]] = [
    (by_black, WIDTHS),
    (by_black_preview, WIDTHS[::8]),
    (by_ruff, WIDTHS[::4]),
    (by_yapf, WIDTHS[::20]),
    (by_autopep8, WIDTHS[::20]),
]


@cache
def dumped(text: str) -> str:
    return ast.dump(ast.parse(text))


def without(text: str, entry: Entry, known_before: str) -> str:
    """The tree of a text with exactly one element equal to the entry taken out of a list."""
    tree, code = ast.parse(text), ast.dump(ast.parse(entry.code, mode="eval").body)
    sequences = [node for node in ast.walk(tree) if isinstance(node, ast.List | ast.Tuple)]
    places = [
        (node, element) for node in sequences for element in node.elts if ast.dump(element) == code
    ]
    assert len(places) == 1
    node, element = places[0]
    node.elts.remove(element)
    lines = {ast.unparse(node) for node in ast.parse(known_before).body}
    tree.body = [
        node
        for node in tree.body
        if not isinstance(node, ast.ImportFrom) or ast.unparse(node) in lines
    ]
    return ast.dump(tree)


def check(text: str, entry: Entry, formatted: Callable[[str], str] = str) -> None:
    outcome = add_middleware(text, entry)

    assert isinstance(outcome, Edited), outcome
    assert without(outcome.source, entry, text) == dumped(text)
    compile(outcome.source, "list", "exec")
    assert remove_middleware(outcome.source, entry) == Edited(text)
    removed = remove_middleware(formatted(outcome.source), entry)
    assert isinstance(removed, Edited), removed
    assert dumped(removed.source) == dumped(text)


@pytest.fixture(scope="module")
def generated(plain_project: Path) -> str:
    return (plain_project / "app" / "middleware" / "__init__.py").read_text("utf-8")


@pytest.mark.parametrize("flat", [False, True], ids=["generated", "flat"])
@pytest.mark.parametrize(
    ("formatter", "widths"), FORMATTERS, ids=[each.__name__ for each, _ in FORMATTERS]
)
def test_every_entry_after_a_formatter(
    generated: str,
    flat: bool,
    formatter: Callable[[str, int], str],
    widths: Iterable[int],
) -> None:
    texts = {formatter(FLAT if flat else generated, width): width for width in widths}
    assert len(texts) > 1
    for text, width in texts.items():
        for entry in entries(flat=flat):
            check(text, entry)
        again = entries(flat=flat)[width % len(NAMES)]
        check(text, again, lambda source, width=width: formatter(source, width))  # type: ignore[misc]
