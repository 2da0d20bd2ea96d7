"""State that fastgen has not written is refused: another version, tampering, merges, links."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastgen.errors import NotAProject
from fastgen.project.documents import MAX_BYTES
from fastgen.project.operations import EXAMPLES, Operation
from fastgen.project.request import Answers, Overlay
from fastgen.project.state import STATE_FILE, State, read_state
from fastgen.project.state_files import state_files
from fastgen.transaction import write

ANSWERS = Answers(name="shop", title="Shop", description="", author="", patterns=("database",))
OVERLAY = Overlay(source="../house", ref="main", commit="0123abc", answers={"team": "core"})
STATE = State("0.0.1", ANSWERS, EXAMPLES, (OVERLAY,))
OPERATIONS = Path(".fastgen", "operations")
ITEMS = (OPERATIONS / "router-items.toml").as_posix()
TIMING = 'kind = "middleware"\nname = "timing"\nafter = ""\n'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    put(tmp_path, STATE)
    return tmp_path


def put(root: Path, state: State) -> None:
    write(root, {path: text.encode() for path, text in state_files(state).items()})


def failure_of(root: Path) -> NotAProject:
    with pytest.raises(NotAProject) as failure:
        read_state(root)
    assert failure.value.hint
    assert "\n" not in failure.value.message
    return failure.value


@pytest.mark.parametrize(
    ("path", "before", "after", "message"),
    [
        (STATE_FILE, "schema = 2", "schema = 1", "another version"),
        (STATE_FILE, "schema = 2", "schema = 3", "another version"),
        (STATE_FILE, "schema = 2", "schema = 2.0", "another version"),
        (STATE_FILE, "schema = 2", "", "another version"),
        (STATE_FILE, "schema = 2", "schema = ", "it is not TOML"),
        (STATE_FILE, 'fastgen = "0.0.1"', 'fastgen = "99.0"', "newer version"),
        (STATE_FILE, 'fastgen = "0.0.1"', "fastgen = 0", "`fastgen` is not a text"),
        (STATE_FILE, 'fastgen = "0.0.1"', 'fastgen = "latest"', "`latest` cannot be the value"),
        (STATE_FILE, 'fastgen = "0.0.1"', "", "`fastgen` is missing"),
        (STATE_FILE, "[answers]", "[questions]", "`questions` is not a known key"),
        (STATE_FILE, "[answers]", "[[answers]]", "`answers` is not a table"),
        (STATE_FILE, "[answers]", "[answers]\nfurther = 1", "`further` is not a known key"),
        (STATE_FILE, "[answers]", '[answers]\n"\\u001b\\n" = 1', "`\\u001b\\n` is not a known"),
        (STATE_FILE, "[answers]", "[answers]\nqueue = 1", "`queue` is not a text"),
        (STATE_FILE, "[answers]", '[answers]\nqueue = "../x"', "the value of `queue`"),
        (STATE_FILE, "[answers]", '[answers]\nqueue = "celery"', "the pattern `queue` is not"),
        (STATE_FILE, 'fastgen = "', 'fastgen = "0.', "cannot be the value of `fastgen`"),
        (STATE_FILE, 'name = "shop"', 'name = "../shop"', "cannot be the value of `name`"),
        (STATE_FILE, 'author = ""', "", "`author` is missing"),
        (STATE_FILE, 'title = "Shop"', "title = 1", "`title` is not a text"),
        (STATE_FILE, 'title = "Shop"', 'title = "\\u0000"', "it has a NUL character"),
        (STATE_FILE, 'title = "Shop"', 'title = "\x00"', "it is not TOML"),
        (STATE_FILE, '"database"', '"telepathy"', "`telepathy` is not a known pattern"),
        (STATE_FILE, '["database"]', '"database"', "`patterns` is not a list"),
        (STATE_FILE, "[[overlays]]", "[overlays]", "`overlays` is not an array"),
        (STATE_FILE, 'ref = "main"', "", "`ref` is missing"),
        (STATE_FILE, 'ref = "main"', "ref = 1", "`ref` is not a text"),
        (STATE_FILE, 'ref = "main"', 'ref = "main"\ntasks = []', "`tasks` is not a known key"),
        (STATE_FILE, 'team = "core"', "team = 2030-01-31", "`team` is not a list"),
        (STATE_FILE, 'team = "core"', "team = [1]", "`team` is not a list"),
        (ITEMS, 'kind = "router"', "", "`kind` is not a text"),
        (ITEMS, 'kind = "router"', 'kind = "telepathy"', "`telepathy` is not a known kind"),
        (ITEMS, 'kind = "router"', 'kind = "middleware"', "`fields` is not a known key"),
        (ITEMS, 'name = "items"', "", "`name` is not a text"),
        (ITEMS, 'name = "items"', 'name = "orders"', "is `router-orders`"),
        (ITEMS, 'name = "items"', 'name = "../x"', "cannot be the name of a router"),
        (ITEMS, 'name = "items"', 'name = "rate-limit"', "cannot be the name of a router"),
        (ITEMS, 'name = "items"', 'name = "items"\nrun = "x"', "`run` is not a known key"),
        (ITEMS, 'name = "items"', 'name = "items"\nname = "x"', "it is not TOML"),
        (ITEMS, 'name = "items"', 'name = "items"\nowned = "?"', "cannot be the value of `owned`"),
        (ITEMS, 'name = "items"', 'name = "items"\nsingular = "/x"', "the value of `singular`"),
        (ITEMS, 'name = "items"', 'name = "items"\ntemplate = "../x"', "the value of `template`"),
        (ITEMS, "fields = [", "owned = [", "`owned` is not a text"),
        (ITEMS, 'after = ""', 'template = "feedback"', "either `fields` or a `template`"),
        (ITEMS, '"name:str', '"../name:str', "is not a field"),
        (ITEMS, '"price:decimal', '"price:../x', "is not a field"),
        (ITEMS, '"price:decimal', '"price', "is not a field"),
        (ITEMS, "fields = [", "fields = [1,", "`fields` is not a list"),
        (ITEMS, 'after = ""', "after = 1", "`after` is not a text"),
        (ITEMS, 'after = ""', 'after = "../x"', "cannot be the value of `after`"),
        (ITEMS, 'after = ""', f"after = {'[' * 9000}", "it is not TOML"),
    ],
)
def test_tampering(root: Path, path: str, before: str, after: str, message: str) -> None:
    text = (root / path).read_text("utf-8")
    assert before in text

    (root / path).write_text(text.replace(before, after, 1), "utf-8")

    failure = failure_of(root)
    assert message in failure.message
    assert str(root / path) in failure.message


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("d557bdad0021", TIMING),
        ("middleware-csrf", TIMING),
        ("middleware-Timing", TIMING),
        ("router-timing", TIMING.replace("middleware", "extra")),
        ("middleware-rate_limit", TIMING.replace("timing", "rate_limit")),
        ("field-note", 'kind = "field"\nname = "note"\nfield = "note:text"\n'),
        ("field-items-note", 'kind = "field"\nname = "items-note"\nfield = "note:text"\n'),
        ("extra-a.b", 'kind = "extra"\nname = "a.b"\n'),
        ("middleware-timing", ""),
    ],
)
def test_a_file_of_another_operation(root: Path, name: str, text: str) -> None:
    path = root / OPERATIONS / f"{name}.toml"
    path.write_text(text)

    assert str(path) in failure_of(root).message


def test_routers_that_refer_to_each_other(tmp_path: Path) -> None:
    orders, lines = (
        Operation("router", name, {"fields": (f"other:ref({other})",)})
        for name, other in (("orders", "lines"), ("lines", "orders"))
    )
    put(tmp_path, State("0.0.1", ANSWERS, (orders, lines)))

    assert "`router-lines` and `router-orders` need each other" in failure_of(tmp_path).message


@pytest.mark.parametrize("path", [STATE_FILE, ITEMS])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_unresolved_conflicts(root: Path, path: str, end: str) -> None:
    lines = ["<<<<<<< HEAD", 'name = "a"', "=======", 'name = "b"', ">>>>>>> branch", ""]
    (root / path).write_bytes(end.join(lines).encode())

    failure = failure_of(root)

    assert failure.message == f"`{root / path}` has unresolved merge conflicts."
    assert failure.hint == "Resolve them, then run the command again."


def test_a_title_may_look_like_a_conflict(tmp_path: Path) -> None:
    title = "\n<<<<<<< HEAD\n=======\n>>>>>>> branch\n"
    answers = Answers(name="shop", title=title, description="", author="", patterns=())
    put(tmp_path, State("0.0.1", answers))

    assert read_state(tmp_path).answers.title == title


@pytest.mark.parametrize("path", [STATE_FILE, ITEMS])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"title = '\xff'", "it is not UTF-8"),
        (b"\xff\xfe" + "schema = 2".encode("utf-16-le"), "it is not UTF-8"),
        (b"#" * (MAX_BYTES + 1), "it is larger than 1 MiB"),
        (b"a = " + b"[" * 100_000, "it is not TOML"),
        (b".".join([b"a"] * 5_000) + b" = 1", "it is not TOML"),
        (b"a = " + b"1" * 100_000, "it is not TOML"),
    ],
    ids=["latin-1", "utf-16", "huge", "deep", "dots", "digits"],
)
def test_other_content(root: Path, path: str, content: bytes, message: str) -> None:
    (root / path).write_bytes(content)

    assert message in failure_of(root).message


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (STATE_FILE, "a regular file"),
        (ITEMS, "a regular file"),
        (".fastgen", "a folder"),
        (".fastgen/operations", "a folder"),
    ],
)
@pytest.mark.parametrize("what", ["link", "dangling link", "fifo", "the other"])
def test_another_kind_of_file(root: Path, path: str, kind: str, what: str) -> None:
    place = root / path
    outside = place.rename(root.parent / f"{root.name}-outside")
    match what:
        case "link":
            place.symlink_to(outside)
        case "dangling link":
            place.symlink_to("nowhere")
        case "fifo":
            os.mkfifo(place)
        case _ if kind == "a folder":
            place.touch()
        case _:
            place.mkdir()

    assert failure_of(root).message == f"`{place}` is damaged: it is not {kind}."


@given(st.binary(max_size=200))
def test_any_bytes(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    root = tmp_path_factory.mktemp("any")
    put(root, STATE)
    (root / ITEMS).write_bytes(content)

    failure_of(root)
