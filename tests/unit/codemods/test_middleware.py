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
TIMING = Entry(
    module="app.middleware.timing",
    name="Timing",
    code="Timing(0.5)",
    is_step=True,
    order=find("timing").order,
)
LIST = """from starlette.middleware import Middleware

from app.middleware.edge import EdgeMiddleware


def middleware(settings):
    return [
        Middleware(
            EdgeMiddleware,
            [
                RequestId(),
            ],
        ),
    ]
"""


def own(name: str, order: str = "classes") -> Entry:
    return Entry(
        module=f"app.middleware.{name.lower()}",
        name=name,
        code=f"Middleware({name})",
        is_step=False,
        order=find("rate-limit").order,
        imports=["from starlette.middleware import Middleware"],
    )


@pytest.mark.parametrize("case", CASES, ids=str)
def test_files_that_people_have_edited(case: Case) -> None:
    outcome = add_middleware(case.before, TIMING)

    if case.after is None:
        assert isinstance(outcome, CannotEdit)
        assert case.reason in outcome.reason
        assert outcome.paste.split("\n") == [TIMING.import_line, f"{TIMING.code},"]
    elif case.after == case.before:
        assert outcome == AlreadyThere()
    else:
        assert outcome == Edited(case.after)
        assert add_middleware(case.after, TIMING) == AlreadyThere()
        if case.one_way:
            return
        assert remove_middleware(case.after, TIMING) == Edited(case.before)
        assert remove_middleware(case.before, TIMING) == AlreadyThere()


def test_classes_follow_the_edge_in_their_order() -> None:
    source = LIST
    for name in ("Mine", "Timeout", "RateLimit", "Yours"):
        outcome = add_middleware(source, own(name))
        assert isinstance(outcome, Edited)
        source = outcome.source

    entries = [line.strip() for line in source.splitlines() if line.startswith(" " * 8 + "Mid")]
    assert entries[1:] == [
        "Middleware(RateLimit),",
        "Middleware(Timeout),",
        "Middleware(Mine),",
        "Middleware(Yours),",
    ]
    for name in ("Mine", "Timeout", "RateLimit", "Yours"):
        outcome = remove_middleware(source, own(name))
        assert isinstance(outcome, Edited)
        source = outcome.source
    assert source == LIST


@pytest.mark.parametrize(
    "further",
    ["\nprint(Timing)\n", "\nOTHERS = [\n    Timing(2),\n]\n", '\n__all__ = ["Timing"]\n'],
)
def test_a_name_that_is_used_elsewhere_is_not_removed(further: str) -> None:
    added = add_middleware(LIST, TIMING)
    assert isinstance(added, Edited)

    assert isinstance(remove_middleware(added.source + further, TIMING), CannotEdit)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("from app.middleware import timing\nSTEPS = [timing.Timing(1)]\n", "by its name"),
        ("def f():\n    from app.middleware.timing import Timing\n    return [Timing()]\n", "top"),
        ("from app.middleware.timing import Timing\nSTEPS = Timing(1), Mine()\n", "no brackets"),
        ("from app.middleware.timing import Timing\napp.add(Timing)\n", "in one list alone"),
        (
            """from app.middleware import gzip
from app.middleware.timing import Timing

STEPS = [Timing(1) if x else gzip.GZip()]
""",
            "the element of `Timing` uses `gzip` too",
        ),
        (
            "from app.middleware.timing import Timing\nclass Mine: ...\nSTEPS = [Mine(Timing)]\n",
            "the element of `Timing` uses `Mine` too",
        ),
    ],
)
def test_an_element_that_cannot_be_removed(source: str, reason: str) -> None:
    outcome = remove_middleware(source, TIMING)

    assert isinstance(outcome, CannotEdit)
    assert reason in outcome.reason


def test_an_element_that_was_edited_is_removed() -> None:
    added = add_middleware(LIST, TIMING)
    assert isinstance(added, Edited)
    edited = added.source.replace(
        "Timing(0.5)",
        "(Timing(\n                    3,\n                ) if settings.slow else Step())",
    )

    assert remove_middleware(edited, TIMING) == Edited(LIST)


def test_an_element_in_a_conditional_list_is_removed_from_it() -> None:
    source = (
        "from app.middleware.timing import Timing\n\nSTEPS = [*([Timing(1)] if x else []), a]\n"
    )

    assert remove_middleware(source, TIMING) == Edited("STEPS = [*([] if x else []), a]\n")


class TestImportsOfTheCode:
    ENTRY = Entry(
        module="app.middleware.https_redirect",
        name="HttpsRedirect",
        code="HttpsRedirect() if settings.in_production else Step()",
        is_step=True,
        order=TIMING.order,
        imports=["from app.middleware.edge import Step"],
    )

    def test_they_are_added_and_removed(self) -> None:
        added = add_middleware(LIST, self.ENTRY)

        assert isinstance(added, Edited)
        assert "from app.middleware.edge import EdgeMiddleware, Step\n" in added.source
        assert remove_middleware(added.source, self.ENTRY) == Edited(LIST)

    def test_they_stay_if_others_use_them(self) -> None:
        source = LIST.replace("EdgeMiddleware\n", "EdgeMiddleware, Step\n", 1) + "\nNONE = Step()\n"
        added = add_middleware(source, self.ENTRY)

        assert isinstance(added, Edited)
        assert remove_middleware(added.source, self.ENTRY) == Edited(source)

    @pytest.mark.parametrize("line", ["from other import Step", "Step = 1", "def f(Step): ..."])
    def test_a_name_with_another_meaning_is_refused(self, line: str) -> None:
        outcome = add_middleware(f"{LIST}\n{line}\n", self.ENTRY)

        assert isinstance(outcome, CannotEdit)
        assert outcome.reason == "`Step` means something else there already"
        assert outcome.paste.split("\n") == [
            self.ENTRY.import_line,
            *self.ENTRY.imports,
            f"{self.ENTRY.code},",
        ]

    def test_the_one_that_was_not_pasted_is_added(self) -> None:
        source = LIST.replace("RequestId()", f"RequestId(), {self.ENTRY.code}")

        added = add_middleware(source, self.ENTRY)

        assert isinstance(added, Edited)
        assert added.source.count("Step") == 2
        assert added.source.count("HttpsRedirect") == 2
        assert add_middleware(added.source, self.ENTRY) == AlreadyThere()


USE = {
    "another function": """
def old(settings):
    return [RequestId(), GZip()]


def middleware(settings):
    return [Middleware(each) for each in CLASSES]
""",
    "no function": "STEPS = [RequestId(), GZip()]\n",
    "imported function": "from app.middleware.made import middleware\n\nSTEPS = [RequestId()]\n",
    "a second function": f"{LIST}\n\n{LIST}",
    "function with another value": f"{LIST}\n\nmiddleware = other\n",
    "list with another value": """
STEPS = [RequestId(), GZip()]
if DEBUG:
    STEPS = []


def middleware(settings):
    return STEPS
""",
    "class attribute": """
class Shop:
    STEPS = [RequestId(), GZip()]


def middleware(settings):
    return Shop.STEPS
""",
    "method": """
class Shop:
    def middleware(self, settings):
        return [RequestId(), GZip()]
""",
    "default": "def middleware(settings, steps=[RequestId(), GZip()]):\n    return steps\n",
    "generator": "def middleware(settings):\n    yield Mine()\n    return [RequestId(), GZip()]\n",
    "function inside": """
def middleware(settings):
    def steps():
        return [RequestId(), GZip()]

    return make(steps)
""",
}
BODIES = {
    "unused": "legacy = [RequestId(), GZip()]\nreturn make()",
    "assertion": "assert make() != [Draining(), GZip()]\nreturn make()",
    "length": "count = len([Draining(), GZip()])\nreturn make(count)",
    "bare": "[Draining(), GZip()]\nreturn make()",
    "behind the return": "return make()\nsteps = [Draining(), GZip()]\nreturn steps",
    "behind an empty return": "return []\nreturn [Draining(), GZip()]",
    "behind both branches": (
        "if x:\n    raise ValueError\nelse:\n    return []\nreturn [Draining(), GZip()]"
    ),
    "twice": "return [Draining(), GZip()] * 2",
    "slice": "steps = [Draining(), GZip()]\nreturn steps[1:]",
    "other path": "if x:\n    return other(settings)\nreturn [Draining(), GZip()]",
    "handler": (
        "try:\n    check()\nexcept OSError:\n    return [other]\n"
        "else:\n    return [Draining(), GZip()]"
    ),
    "four names": "a, b, c, d = (RequestId(), Draining(), GZip(), ETag())\nreturn [a, b, c, d]",
    "changed": "steps = [Draining(), GZip()]\nsteps = steps and other\nreturn steps",
    "on a condition": "steps = [Draining(), GZip()]\nreturn steps if x else other",
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
        "steps = [\n    RequestId(),\n]\nsteps += more\nreturn steps",
        "steps = [\n    RequestId(),\n]\nedge = Middleware(Edge, steps=steps)\nreturn [edge]",
        "steps: list[Step] = [\n    RequestId(),\n]\nreturn [*steps, Mine()]",
        "try:\n    return [\n        RequestId(),\n    ]\nfinally:\n    done()",
        "if x:\n    raise ValueError\nreturn [\n    RequestId(),\n]",
    ],
)
def test_a_list_that_reaches_the_application_by_a_detour(body: str) -> None:
    outcome = add_middleware(with_body(body), TIMING)

    assert isinstance(outcome, Edited)
    assert "RequestId(),\n" in outcome.source
    assert "Timing(0.5),\n" in outcome.source


SETTINGS_ENTRY = replace(TIMING, code="Timing(settings.slow_request_seconds)")


@pytest.mark.parametrize(
    "source",
    [
        "def middleware(config: Settings):\n    return [RequestId(), GZip(config.size)]\n",
        "STEPS = [RequestId(), GZip()]\n\n\ndef middleware(settings):\n    return STEPS\n",
        "def middleware():\n    return [RequestId()]\n",
        "def middleware():\n    steps = [RequestId()]\n    settings = 1\n    return steps\n",
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
    assert outcome.paste.split("\n") == [TIMING.import_line, f"{SETTINGS_ENTRY.code},"]


@pytest.mark.parametrize(
    "source",
    [
        "def middleware(settings: Settings):\n    return [RequestId()]\n",
        "def middleware(*, settings):\n    return [RequestId()]\n",
        "def middleware(config):\n    settings = config\n    return [RequestId()]\n",
        "from app.main import settings\n\n\ndef middleware(config):\n    return [RequestId()]\n",
        "settings = get()\nSTEPS = [RequestId()]\n\n\ndef middleware(_):\n    return STEPS\n",
    ],
)
def test_a_name_with_a_value_is_used(source: str) -> None:
    assert isinstance(add_middleware(source, SETTINGS_ENTRY), Edited)


@pytest.mark.parametrize(
    "above",
    [
        "from app.middleware.edge import RequestId\n",
        "# the steps\nfrom app.middleware.edge import RequestId\n",
        "import os\n\nfrom zlib_ng import pack\n\nfrom app.middleware.edge import RequestId\n",
        "import os\n\nfrom app.middleware.edge import RequestId\n",
        '"""The steps."""\n\nfrom app.middleware.edge import RequestId\n',
    ],
)
def test_removal_of_the_only_import_of_a_distribution(above: str) -> None:
    entry = replace(TIMING, imports=["from starlette.types import Send"], code="Timing(Send)")
    source = f"{above}\n\ndef middleware(settings):\n    return [\n        RequestId(),\n    ]\n"

    added = add_middleware(source, entry)

    assert isinstance(added, Edited)
    assert remove_middleware(added.source, entry) == Edited(source)
