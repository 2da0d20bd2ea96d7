"""What a merge does with each file."""

from collections.abc import Mapping

import pytest

from fastgen.merge import find_renames, merge_trees, moved_folder
from fastgen.merge.merged_files import MergedFile

BASE = b"one\ntwo\nthree\nfour\nfive\nsix\n"
THEIRS = BASE.replace(b"two", b"TWO")
EDITED = BASE.replace(b"six", b"mine")


def merged(
    base: bytes | None,
    theirs: bytes | None,
    ours: bytes | None,
    renames: Mapping[str, str] | None = None,
) -> list[MergedFile]:
    trees = [{} if content is None else {"a.py": content} for content in (base, theirs)]
    place = (renames or {}).get("a.py", "a.py")
    return [*merge_trees(trees[0], trees[1], {place: ours}.get, renames or {})]


@pytest.mark.parametrize(
    ("base", "theirs", "ours"),
    [
        (BASE, BASE, EDITED),  # fastgen changes nothing
        (BASE, THEIRS, THEIRS),  # it is there already
        (BASE, THEIRS, None),  # people have deleted it
        (BASE, None, None),
        (None, THEIRS, THEIRS),
        (None, THEIRS, THEIRS.replace(b"\n", b"\r\n")),
    ],
)
def test_nothing_happens(base: bytes | None, theirs: bytes | None, ours: bytes | None) -> None:
    assert merged(base, theirs, ours) == []


@pytest.mark.parametrize(
    ("base", "theirs", "ours", "outcome", "content"),
    [
        (BASE, THEIRS, BASE, "taken", THEIRS),
        (BASE, THEIRS, BASE.replace(b"\n", b"\r\n"), "taken", THEIRS.replace(b"\n", b"\r\n")),
        (BASE, THEIRS, EDITED, "merged", THEIRS.replace(b"six", b"mine")),
        (None, THEIRS, None, "added", THEIRS),
        (BASE, None, BASE, "deleted", None),
        (BASE, None, BASE.replace(b"\n", b"\r\n"), "deleted", None),
        (BASE, None, EDITED, "kept", EDITED),
        (b"\0base", b"\0theirs", b"\0ours", "conflict", b"\0ours"),
        (b"caf\xe9\n1\n2\n3\n", b"caf\xe9\n1\n2\n4\n", b"x\ncaf\xe9\n1\n2\n3\n", "merged",
         b"x\ncaf\xe9\n1\n2\n4\n"),
    ],
)  # fmt: skip
def test_one_thing_happens(
    base: bytes | None, theirs: bytes | None, ours: bytes, outcome: str, content: bytes | None
) -> None:
    (file,) = merged(base, theirs, ours)

    assert (file.outcome, file.content) == (outcome, content)


def test_both_added_another_file() -> None:
    (file,) = merged(None, b"theirs\n", b"ours\n")

    assert file.outcome == "conflict"
    assert (file.content or b"").split(b"\n")[1:-2] == [
        b"ours",
        b"||||||| before",
        b"=======",
        b"theirs",
    ]


def test_a_renamed_file_takes_the_changes() -> None:
    renames = find_renames({"a.py": BASE}, {"b.py": EDITED, "c.py": b"nothing\nalike\n"})

    (file,) = merged(BASE, THEIRS, EDITED, renames)

    assert (renames, file.path) == ({"a.py": "b.py"}, "b.py")
    assert file.content == THEIRS.replace(b"six", b"mine")


def test_a_renamed_file_that_should_go_is_kept() -> None:
    (file,) = merged(BASE, None, BASE, {"a.py": "b.py"})

    assert (file.path, file.outcome) == ("b.py", "kept")


@pytest.mark.parametrize(
    "added",
    [
        {"b.py": EDITED, "c.py": EDITED},  # either could be it
        {"b.py": b"one\ntwo\nsomething\nelse\n"},
    ],
)
def test_uncertain_renames_are_ignored(added: dict[str, bytes]) -> None:
    assert find_renames({"a.py": BASE}, added) == {}


@pytest.mark.parametrize(
    ("renames", "folder"),
    [
        ({"app/a.py": "src/app/a.py", "app/b/c.py": "src/app/b/c.py"}, "src/app"),
        # Most of them count, and not those with another name.
        ({"app/a.py": "old/a.py", "app/b.py": "new/b.py", "app/c.py": "new/c.py"}, "new"),
        ({"app/a.py": "src/app/other.py"}, "app"),
        ({}, "app"),
    ],
)
def test_a_folder_is_where_most_of_its_files_are(renames: dict[str, str], folder: str) -> None:
    assert moved_folder("app", renames) == folder


CODE = b"def add(one: int, two: int) -> int:\n    # Why.\n    return one + two\n"
FORMATTED = (
    b"def add(\n    one: int,\n    two: int,\n) -> int:\n    # Why.\n    return (\n"
    b"        one + two\n    )\n"
)


@pytest.mark.parametrize(
    ("ours", "outcome"),
    [
        (FORMATTED, "deleted"),
        (FORMATTED.replace(b"Why.", b"Why: ours."), "kept"),
        (FORMATTED.replace(b"one + two", b"two + one"), "kept"),
        (FORMATTED + b"# Ours.\n", "kept"),
        (b"def broken(\n", "kept"),
    ],
)
def test_a_module_that_people_have_only_formatted_is_deleted(ours: bytes, outcome: str) -> None:
    (file,) = merged(CODE, None, ours)

    assert file.outcome == outcome


@pytest.mark.parametrize(
    ("ours", "outcome"),
    [
        (b"from a import d\nimport b\nfrom a import c\n\nx = 1\n", "deleted"),
        (b"from a import d\nimport b\n\nx = 1\n", "kept"),
        (b"from a import c, d\n\nx = 1\nimport b\n", "kept"),
    ],
)
def test_the_order_of_imports_is_formatting(ours: bytes, outcome: str) -> None:
    (file,) = merged(b"import b\nfrom a import c, d\n\nx = 1\n", None, ours)

    assert file.outcome == outcome


def test_a_text_that_differs_in_spaces_is_kept() -> None:
    trees = [{"a.md": b"one  two\n"}, dict[str, bytes]()]

    (file,) = merge_trees(trees[0], trees[1], {"a.md": b"one two\n"}.get, {})

    assert file.outcome == "kept"


@pytest.mark.parametrize(
    ("base", "theirs", "ours"),
    [
        # A statement, the first line of a block, and a method with its indentation.
        (b"Sort = Literal['a', 'b']\n", b"Sort = Literal['a', 'b', 'c']\n",
         b"Sort = Literal[\n    'a',\n    'b',\n]\n"),
        (b"def add(one: int) -> int:\n    pass\n", b"def add(one: str) -> int:\n    pass\n",
         b"def add(\n    one: int,\n) -> int:\n    pass\n"),
        (b"class A:\n    x = f(1)\n", b"class A:\n    x = f(2)\n",
         b"class A:\n    x = f(\n        1\n    )\n"),
        # Parts of statements, when nothing else of the module was edited.
        (b"x = f(\n    1,\n    [2],\n)\ny = 1\n", b"x = f(\n    1,\n    [2, 3],\n)\ny = 1\n",
         b"x = f(\n  1,\n  [2], )\ny = 1\n"),
    ],
)  # fmt: skip
def test_formatting_does_not_collide(base: bytes, theirs: bytes, ours: bytes) -> None:
    (file,) = merged(base, theirs, ours)

    assert (file.outcome, file.content) == ("merged", theirs)
    assert merged(base, ours, theirs) == []  # nor does that of fastgen collide with an edit


INDENTED = b'''class A:
@"""A class.

@Lines:
@    of it
@"""

@x = f(
@@1,
@)
@y = """
    text"""
'''
"""Each `@` is a step of the indentation; a docstring has one, and another text none."""


@pytest.mark.parametrize("step", [b"\t", b"  "])
def test_the_indentation_of_people_stays(step: bytes) -> None:
    method = b"\n@def g(self):\n@@return 1\n"
    base, ours = INDENTED.replace(b"@", b"    "), INDENTED.replace(b"@", step)

    (file,) = merged(base, base + method.replace(b"@", b"    "), b"z = 1\n" + ours)

    assert file.outcome == "merged"
    assert file.content == b"z = 1\n" + ours + method.replace(b"@", step)
    assert merged(base, None, ours)[0].outcome == "deleted"


SPLIT_SORT = b"Sort = Literal[\n    'a',\n    'b',\n]\n"
SPLIT_HEAD = b"class A(\n    B,\n    C,\n):\n    x = f(1)\n"


@pytest.mark.parametrize(
    ("base", "theirs", "ours", "content"),
    [
        # An element of a list that was split.
        (SPLIT_SORT, SPLIT_SORT.replace(b"]", b"    'c',\n]"), b"Sort = Literal['a', 'b']\n",
         SPLIT_SORT.replace(b"]", b"    'c',\n]")),
        # A base of a class.
        (SPLIT_HEAD, SPLIT_HEAD.replace(b"    C,\n", b""),
         b"class A(B, C):\n    x = f(\n        1\n    )\n",
         SPLIT_HEAD.replace(b"    C,\n", b"").replace(b"f(1)", b"f(\n        1\n    )")),
    ],
)  # fmt: skip
def test_formatting_does_not_collide_in_an_edited_module(
    base: bytes, theirs: bytes, ours: bytes, content: bytes
) -> None:
    """What fastgen does not change keeps the formatting of the people."""
    kept, edit = b"z = f(\n    0,\n)\n", b"\n\n# ours\ny = 1\n"
    (file,) = merged(b"z = f(0)\n" + base, b"z = f(0)\n" + theirs, kept + ours + edit)

    assert (file.outcome, file.content) == ("merged", kept + content + edit)


@pytest.mark.parametrize(
    ("base", "theirs", "ours"),
    [
        (b"x = f(1)\n", b"x = f(2)\n", b"x = f(\n    1  # ours\n)\n"),
        # In a statement of several lines.
        (SPLIT_SORT, SPLIT_SORT.replace(b"'b'", b"'c'"), b"Sort = Literal['a', 'b']  # ours\n"),
        (b"x = f('a b')\n", b"x = f(2)\n", b"x = f('a  b')\n"),
        # Moved into the block above.
        (b"if a:\n    b()\nc()\n", b"if a:\n    b()\nd()\n", b"if a:\n    b()\n    c()\n"),
    ],
)
def test_an_edit_beside_formatting_collides(base: bytes, theirs: bytes, ours: bytes) -> None:
    (file,) = merged(base, theirs, ours)

    assert file.outcome == "conflict"
