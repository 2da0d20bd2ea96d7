"""Hostile and mistaken input: 422 as problem details, with the place of each fault."""

import pytest

from tests.unit.web.client import get, query

ROUTER = "orders:total:decimal"
HOSTILE = (
    "",
    ".",
    "..",
    "../up",
    "a/b",
    "/etc",
    "a b",
    "class",
    "x" * 65,
    "ä",
    "\x00",
    "a\n",
    "{{7*7}}",
)


@pytest.mark.parametrize(
    "path", ["/tree", "/project.toml", "/project.zip", "/preview", "/file", "/difference"]
)
def test_every_address_refuses_bad_input_as_problem_details(path: str) -> None:
    response = get(path, query(name="class"))

    problem = response.json()
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert (problem["status"], problem["code"]) == (422, "validation_error")
    (error,) = problem["errors"]
    assert error["loc"] == ["query", "name"]
    assert error["msg"] == "`class` cannot be the name of a project: Python uses that name."
    assert error["hint"] == "Try `class-api`."


def test_no_file_is_made_of_routers_that_cannot_be_added() -> None:
    for path in ("/project.toml", "/project.zip"):
        response = get(path, query(router="orders:a:ref(nothing)"))
        assert (response.status_code, response.json()["code"]) == (422, "validation_error")


@pytest.mark.parametrize(
    ("place", "choice"),
    [
        *((["name"], query(name=name)) for name in HOSTILE),
        (["name"], "patterns=none"),
        (["name"], "name=a&name=b"),
        (["title"], query(title="x" * 201)),
        (["title"], query(title="\x00")),
        (["author"], query(author="x" * 201)),
        (["description"], query(description="x" * 2001)),
        *((["patterns"], query(patterns=text)) for text in ("", "nothing", "none,auth", "<b>")),
        (["queue"], query(queue="celery", patterns="none")),
        (["extras"], query(extras="no-such-extra")),
        ([], query(pattern="auth")),
        ([], "name=%FF"),
        ([], "name=%ED%A0%80"),
        ([], "&".join(f"a{number}=" for number in range(100))),
        (["router"], query(router=[f"{word}s" for word in "abcdefghijklmnopqrstu"])),
        (["router", 0], query(router="orders:" + ";".join(f"a{n}:str" for n in range(51)))),
        (["router", 0], query(router="orders:a:str:default=" + "x" * 4000)),
        (["router", 0], query(router="orders:a:str;a:int")),
        (["router", 0], query(router="orders:a:ref(nothing)")),
        (["router", 0], query(router="orders:a:ref(orders)")),
        (["router", 1], query(router=["orders:a:ref(lines)", "lines:a:ref(orders)"])),
        (["router", 1], query(router=["orders:a:ref(lines)", "lines:a:ref(nothing)"])),
        (["router", 0], query(router="items:a:str")),
        (["router", 0], query(router="users:a:str", patterns="auth")),
        (["router", 1, "name"], query(router=[ROUTER, ROUTER])),
        (["not_owned"], query(router=ROUTER, not_owned="nothing")),
        *((["router", 0, "name"], query(router=f"{name}:a:str")) for name in HOSTILE),
        (["router", 0, "name"], query(router="staff:a:str")),
        (["router", 0, "name"], query(router="staff(class):a:str")),
        (["router", 0, "name"], query(router="staff((:a:str")),
        *(
            (["router", 0, "fields", 1], query(router=f"orders:a:str;{field}"))
            for field in (
                "",
                ":",
                "b",
                "b:",
                "b:nothing",
                "b:int:min=x",
                "b:str:default=\n",
                "id:int",
                "B:int",
            )
        ),
    ],
)
def test_a_fault_names_its_place(place: list[str | int], choice: str) -> None:
    response = get("/tree", choice)

    assert response.status_code == 422
    errors = response.json()["errors"]
    assert ["query", *place] in [error["loc"] for error in errors]
    assert all(error["msg"] and error["hint"] for error in errors)


def test_all_faults_are_reported_at_once() -> None:
    choice = query(name="class", patterns="nothing", router=["class:a:str", "orders:b:nothing"])

    errors = get("/tree", choice).json()["errors"]

    assert [error["loc"][1:] for error in errors] == [
        ["name"],
        ["patterns"],
        ["router", 0, "name"],
        ["router", 1, "fields", 0],
    ]


def test_a_fault_of_the_patterns_is_no_fault_of_what_needs_them() -> None:
    choice = query(patterns="queue,auth,nothing", queue="celery", extras="pages-admin")

    errors = get("/tree", choice).json()["errors"]

    assert [error["loc"][1:] for error in errors] == [["patterns"]]


def test_other_paths_and_methods_are_problems() -> None:
    for path in ("/nothing", "/assets/nothing", "/assets/..%2froutes.py", "/openapi.json", "/docs"):
        response = get(path)
        assert (response.status_code, response.json()["code"]) == (404, "not_found")
