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


def test_classes_are_inside_of_the_wrapper_in_their_order() -> None:
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


@pytest.mark.parametrize("further", ["\nprint(Timing)\n", "\nOTHERS = [\n    Timing(2),\n]\n"])
def test_what_is_used_elsewhere_too_is_not_taken_out(further: str) -> None:
    wired = add_middleware(LIST, TIMING)
    assert isinstance(wired, Edited)

    assert isinstance(remove_middleware(wired.source + further, TIMING), CannotEdit)


def test_an_entry_that_was_edited_is_taken_out() -> None:
    wired = add_middleware(LIST, TIMING)
    assert isinstance(wired, Edited)
    edited = wired.source.replace(
        "Timing(settings.slow_request_seconds)",
        "Timing(\n                    3,\n                )",
    )

    assert remove_middleware(edited, TIMING) == Edited(LIST)
