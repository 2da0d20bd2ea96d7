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
    code="Timing(settings.slow_request_seconds)",
    is_step=True,
    order=find("timing").order,
)
LIST = """from starlette.middleware import Middleware

from app.middleware.edge import EdgeMiddleware


def middleware():
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
        "Timing(settings.slow_request_seconds)",
        "(Timing(\n                    3,\n                ) if settings.slow else Step())",
    )

    assert remove_middleware(edited, TIMING) == Edited(LIST)


def test_an_element_in_a_conditional_list_is_removed_from_it() -> None:
    source = (
        "from app.middleware.timing import Timing\n\nSTEPS = [*([Timing(1)] if x else []), a]\n"
    )

    assert remove_middleware(source, TIMING) == Edited("\nSTEPS = [*([] if x else []), a]\n")


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
