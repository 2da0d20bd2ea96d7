from dataclasses import replace

import pytest

from fastgen.codemods import (
    AlreadyThere,
    CannotEdit,
    Edited,
    Entry,
    add_middleware,
    remove_middleware,
)
from fastgen.middleware.catalogue import find
from tests.unit.codemods.cases import Case, read_cases

CASES = read_cases("middleware.txt")
ORDER = find("timing").order
TIMING = Entry(
    module="app.middleware.timing",
    name="Timing",
    code="Middleware(Timing, 0.5)",
    order=ORDER,
    imports=["from starlette.middleware import Middleware"],
)
LIST = """from starlette.middleware import Middleware


def middleware(settings):
    return [
        Middleware(RequestId),
    ]
"""


def own(name: str) -> Entry:
    return Entry(
        module=f"app.middleware.{name.lower()}",
        name=name,
        code=f"Middleware({name})",
        order=ORDER,
        imports=["from starlette.middleware import Middleware"],
    )


@pytest.mark.parametrize("case", CASES, ids=str)
def test_files_that_people_have_edited(case: Case) -> None:
    outcome = add_middleware(case.before, TIMING)

    if case.after is None:
        assert isinstance(outcome, CannotEdit)
        assert case.reason in outcome.reason
        assert outcome.paste.split("\n") == [
            TIMING.import_line,
            *TIMING.imports,
            f"{TIMING.code},",
        ]
    elif case.after == case.before:
        assert outcome == AlreadyThere()
    else:
        assert outcome == Edited(case.after)
        assert add_middleware(case.after, TIMING) == AlreadyThere()
        if case.one_way:
            return
        assert remove_middleware(case.after, TIMING) == Edited(case.before)
        assert remove_middleware(case.before, TIMING) == AlreadyThere()


def test_classes_have_their_order_and_own_ones_are_the_last() -> None:
    names = ["Mine", "Timeout", "RateLimit", "Yours"]
    source = LIST
    for name in names:
        outcome = add_middleware(source, own(name))
        assert isinstance(outcome, Edited)
        source = outcome.source

    assert [line.strip() for line in source.splitlines() if line.startswith(" " * 8)] == [
        "Middleware(RequestId),",
        "Middleware(RateLimit),",
        "Middleware(Timeout),",
        "Middleware(Mine),",
        "Middleware(Yours),",
    ]
    for name in names:
        outcome = remove_middleware(source, own(name))
        assert isinstance(outcome, Edited)
        source = outcome.source
    assert source == LIST


@pytest.mark.parametrize(
    "further",
    [
        "\nprint(Timing)\n",
        "\nOTHERS = [\n    Middleware(Timing, 2),\n]\n",
        '\n__all__ = ["Timing"]\n',
    ],
)
def test_a_name_that_is_used_elsewhere_is_not_removed(further: str) -> None:
    added = add_middleware(LIST, TIMING)
    assert isinstance(added, Edited)

    assert isinstance(remove_middleware(added.source + further, TIMING), CannotEdit)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("from app.middleware import timing\nLIST = [Middleware(timing.Timing)]\n", "by its name"),
        (
            "def f():\n    from app.middleware.timing import Timing\n    return [M(Timing)]\n",
            "top",
        ),
        (
            "from app.middleware.timing import Timing\nLIST = Middleware(Timing), Mine()\n",
            "no brackets",
        ),
        ("from app.middleware.timing import Timing\napp.add(Timing)\n", "in one list alone"),
        (
            """from app.middleware import gzip
from app.middleware.timing import Timing

LIST = [Middleware(Timing, 1) if x else Middleware(gzip.GZip)]
""",
            "the element of `Timing` uses `gzip` too",
        ),
        (
            "from app.middleware.timing import Timing\nclass Mine: ...\nLIST = [Mine(Timing)]\n",
            "the element of `Timing` uses `Mine` too",
        ),
    ],
)
def test_an_element_that_cannot_be_removed(source: str, reason: str) -> None:
    outcome = remove_middleware(source, TIMING)

    assert isinstance(outcome, CannotEdit)
    assert reason in outcome.reason


@pytest.mark.parametrize(
    "element",
    [
        "(Middleware(\n            Timing,\n            3,\n        ))",
        "*([Middleware(Timing, 1)] if settings.slow else [])",
        "*([] if settings.fast else (Middleware(Timing, 1),))",
        "*(\n            [Middleware(Timing)]\n            if x else []\n)",
    ],
)
def test_an_element_that_was_edited_is_removed(element: str) -> None:
    added = add_middleware(LIST, TIMING)
    assert isinstance(added, Edited)
    edited = added.source.replace(TIMING.code, element)

    assert edited != added.source
    assert remove_middleware(edited, TIMING) == Edited(LIST)


@pytest.mark.parametrize(
    ("element", "rest"),
    [
        ("*([Middleware(Timing), mine] if x else [])", "*([mine] if x else [])"),
        ("*([Middleware(Timing)] if x else [mine])", "*([] if x else [mine])"),
        ("*[Middleware(Timing)]", "*[]"),
    ],
)
def test_other_parts_of_a_condition_stay(element: str, rest: str) -> None:
    source = f"from app.middleware.timing import Timing\n\nLIST = [{element}, a]\n"

    assert remove_middleware(source, TIMING) == Edited(f"LIST = [{rest}, a]\n")


class TestImportsOfTheCode:
    ENTRY = Entry(
        module="app.middleware.idempotency",
        name="Idempotency",
        code="Middleware(Idempotency, open_store(settings))",
        order=ORDER,
        imports=["from app.middleware.idempotency_store import open_store"],
    )

    def test_they_are_added_and_removed(self) -> None:
        added = add_middleware(LIST, self.ENTRY)

        assert isinstance(added, Edited)
        assert f"{self.ENTRY.import_line}\n{self.ENTRY.imports[0]}\n" in added.source
        assert remove_middleware(added.source, self.ENTRY) == Edited(LIST)

    def test_they_stay_if_others_use_them(self) -> None:
        import_line = f"\n\n{self.ENTRY.imports[0]}\n"
        source = LIST.replace("\n\n", import_line + "\n", 1) + "\nSTORE = open_store(1)\n"
        added = add_middleware(source, self.ENTRY)

        assert isinstance(added, Edited)
        assert remove_middleware(added.source, self.ENTRY) == Edited(source)

    @pytest.mark.parametrize(
        "line", ["from other import open_store", "open_store = 1", "def f(open_store): ..."]
    )
    def test_a_name_with_another_meaning_is_refused(self, line: str) -> None:
        outcome = add_middleware(f"{LIST}\n{line}\n", self.ENTRY)

        assert isinstance(outcome, CannotEdit)
        assert outcome.reason == "`open_store` means something else there already"
        assert outcome.paste.split("\n") == [
            self.ENTRY.import_line,
            *self.ENTRY.imports,
            f"{self.ENTRY.code},",
        ]

    def test_the_one_that_was_not_pasted_is_added(self) -> None:
        source = LIST.replace("Middleware(RequestId)", f"Middleware(RequestId), {self.ENTRY.code}")

        added = add_middleware(source, self.ENTRY)

        assert isinstance(added, Edited)
        assert added.source.count("open_store") == 2
        assert added.source.count("import Idempotency") == 1
        assert add_middleware(added.source, self.ENTRY) == AlreadyThere()


USE = {
    "another function": """
def old(settings):
    return [RequestId(), GZip()]


def middleware(settings):
    return [Middleware(each) for each in CLASSES]
""",
    "no function": "ALL = [RequestId(), GZip()]\n",
    "imported function": "from app.middleware.made import middleware\n\nALL = [RequestId()]\n",
    "a second function": f"{LIST}\n\n{LIST}",
    "function with another value": f"{LIST}\n\nmiddleware = other\n",
    "list with another value": """
ALL = [RequestId(), GZip()]
if DEBUG:
    ALL = []


def middleware(settings):
    return ALL
""",
    "class attribute": """
class Shop:
    ALL = [RequestId(), GZip()]


def middleware(settings):
    return Shop.ALL
""",
    "method": """
class Shop:
    def middleware(self, settings):
        return [RequestId(), GZip()]
""",
    "default": "def middleware(settings, entries=[RequestId(), GZip()]):\n    return entries\n",
    "generator": "def middleware(settings):\n    yield Mine()\n    return [RequestId(), GZip()]\n",
    "function inside": """
def middleware(settings):
    def entries():
        return [RequestId(), GZip()]

    return make(entries)
""",
}
BODIES = {
    "unused": "legacy = [RequestId(), GZip()]\nreturn make()",
    "assertion": "assert make() != [Draining(), GZip()]\nreturn make()",
    "length": "count = len([Draining(), GZip()])\nreturn make(count)",
    "bare": "[Draining(), GZip()]\nreturn make()",
    "behind the return": "return make()\nentries = [Draining(), GZip()]\nreturn entries",
    "behind an empty return": "return []\nreturn [Draining(), GZip()]",
    "behind both branches": (
        "if x:\n    raise ValueError\nelse:\n    return []\nreturn [Draining(), GZip()]"
    ),
    "twice": "return [Draining(), GZip()] * 2",
    "slice": "entries = [Draining(), GZip()]\nreturn entries[1:]",
    "other path": "if x:\n    return other(settings)\nreturn [Draining(), GZip()]",
    "handler": (
        "try:\n    check()\nexcept OSError:\n    return [other]\n"
        "else:\n    return [Draining(), GZip()]"
    ),
    "four names": "a, b, c, d = (RequestId(), Draining(), GZip(), ETag())\nreturn [a, b, c, d]",
    "changed": "entries = [Draining(), GZip()]\nentries = entries and other\nreturn entries",
    "on a condition": "entries = [Draining(), GZip()]\nreturn entries if x else other",
}


def with_body(body: str) -> str:
    return "def middleware(settings):\n    " + body.replace("\n", "\n    ") + "\n"


@pytest.mark.parametrize(
    "source", [*USE.values(), *map(with_body, BODIES.values())], ids=[*USE, *BODIES]
)
def test_a_list_that_may_not_reach_the_application_is_refused(source: str) -> None:
    assert isinstance(add_middleware(source, TIMING), CannotEdit)


@pytest.mark.parametrize(
    "body",
    [
        "entries = [\n    RequestId(),\n]\nentries += more\nreturn entries",
        "entries: list[Middleware] = [\n    RequestId(),\n]\nreturn [*entries, Mine()]",
        "try:\n    return [\n        RequestId(),\n    ]\nfinally:\n    done()",
        "if x:\n    raise ValueError\nreturn [\n    RequestId(),\n]",
    ],
)
def test_a_list_that_reaches_the_application_by_a_detour(body: str) -> None:
    outcome = add_middleware(with_body(body), TIMING)

    assert isinstance(outcome, Edited)
    assert "RequestId(),\n" in outcome.source
    assert "Middleware(Timing, 0.5),\n" in outcome.source


SETTINGS_ENTRY = replace(TIMING, code="Middleware(Timing, settings.slow_request_seconds)")


@pytest.mark.parametrize(
    "source",
    [
        "def middleware(config: Settings):\n    return [RequestId(), GZip(config.size)]\n",
        "ALL = [RequestId(), GZip()]\n\n\ndef middleware(settings):\n    return ALL\n",
        "def middleware():\n    return [RequestId()]\n",
        "def middleware():\n    entries = [RequestId()]\n    settings = 1\n    return entries\n",
        "from app import settings\n\n\ndef middleware(config):\n    return [RequestId()]\n",
        (
            "settings = 1\n\n\ndef middleware():\n    if x:\n        settings = 2\n"
            "    return [RequestId()]\n"
        ),
    ],
)
def test_a_name_without_a_value_is_refused(source: str) -> None:
    outcome = add_middleware(source, SETTINGS_ENTRY)

    assert isinstance(outcome, CannotEdit)
    assert outcome.reason.startswith("`settings` has no value at the list in line ")
    assert f"{SETTINGS_ENTRY.code}," in outcome.paste.split("\n")


@pytest.mark.parametrize(
    "source",
    [
        "def middleware(settings: Settings):\n    return [RequestId()]\n",
        "def middleware(*, settings):\n    return [RequestId()]\n",
        "def middleware(config):\n    settings = config\n    return [RequestId()]\n",
        "from app.main import settings\n\n\ndef middleware(config):\n    return [RequestId()]\n",
        "settings = get()\nALL = [RequestId()]\n\n\ndef middleware(_):\n    return ALL\n",
    ],
)
def test_a_name_with_a_value_is_used(source: str) -> None:
    assert isinstance(add_middleware(source, SETTINGS_ENTRY), Edited)


@pytest.mark.parametrize(
    "above",
    [
        "from app.middleware.request_id import RequestId\n",
        "# the list\nfrom app.middleware.request_id import RequestId\n",
        "import os\n\nfrom zlib_ng import a\n\nfrom app.middleware.request_id import RequestId\n",
        "import os\n\nfrom app.middleware.request_id import RequestId\n",
        '"""The list."""\n\nfrom app.middleware.request_id import RequestId\n',
    ],
)
def test_removal_of_the_only_import_of_a_distribution(above: str) -> None:
    entry = replace(TIMING, imports=["from starlette.types import Send"], code="Timing(Send)")
    source = f"{above}\n\ndef middleware(settings):\n    return [\n        RequestId(),\n    ]\n"

    added = add_middleware(source, entry)

    assert isinstance(added, Edited)
    assert remove_middleware(added.source, entry) == Edited(source)
