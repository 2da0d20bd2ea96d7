"""The merge of one text: as `git merge-file --diff3` merges it, and better in lists."""

import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import pytest

from fastgen.merge import text as text_module
from fastgen.merge.merged_files import merge_text
from fastgen.merge.regions import three_way
from fastgen.merge.text import with_markers


def edited(random: Random, lines: Sequence[str], side: str, repeats: float) -> list[str]:
    """The lines after a few random edits; both sides may insert the same lines."""
    found = [*lines]
    for number in range(random.randint(0, 3)):
        at = random.randint(0, len(found))
        line = f"{side} {number}\n" if random.random() > repeats else "}\n"
        same = f"new {number}\n"
        match random.choice(["insert", "same", "delete", "change"]):
            case "insert":
                found[at:at] = [line] * random.randint(1, 2)
            case "same":
                found[at:at] = [same]
            case "delete":
                del found[at : at + random.randint(1, 3)]
            case "change":
                found[at : at + 1] = [line]
    return found


def cases(count: int, repeats: float = 0) -> Iterator[tuple[list[str], list[str], list[str]]]:
    random = Random(7)
    for _ in range(count):
        base = [
            "}\n" if random.random() < repeats else f"line {number}\n"
            for number in range(random.randint(0, 12))
        ]
        yield base, edited(random, base, "ours", repeats), edited(random, base, "theirs", repeats)


def by_git(folder: Path, texts: Sequence[str]) -> str:
    base, ours, theirs = (folder / name for name in ("base", "ours", "theirs"))
    for path, text in zip((base, ours, theirs), texts, strict=True):
        path.write_text(text)
    labels = [part for label in text_module.LABELS for part in ("-L", label)]
    command = ["git", "merge-file", "-p", "--diff3", *labels, *map(str, (ours, base, theirs))]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False).stdout


@pytest.mark.parametrize("repeats", [0, 0.2, 0.5])
def test_without_git_the_result_is_that_of_git(tmp_path: Path, repeats: float) -> None:
    for case in cases(250, repeats):
        expected = by_git(tmp_path, ["".join(lines) for lines in case])
        assert with_markers(three_way(*case)) == expected


def test_with_git_too(tmp_path: Path) -> None:
    for base, ours, theirs in cases(40):
        texts = ["".join(lines) for lines in (base, ours, theirs)]
        assert merge_text("a.txt", *texts)[0] == by_git(tmp_path, texts)


def test_lines_that_look_like_markers_are_lines() -> None:
    marker = "<" * 61 + " x\n"

    merged, is_conflict = merge_text("a.txt", "a\nb\nc\n", f"{marker}a\nb\nc\n", "a\nb\nd\n")

    assert (merged, is_conflict) == (f"{marker}a\nb\nd\n", False)


@pytest.mark.parametrize("has_git", [True, False])
def test_a_conflict_shows_all_three(monkeypatch: pytest.MonkeyPatch, *, has_git: bool) -> None:
    if not has_git:
        monkeypatch.setattr(text_module, "_git", lambda: None)

    merged, is_conflict = merge_text("a.py", "a\nb\nc\n", "a\nours\nc\n", "a\ntheirs\nc\n")

    assert is_conflict
    assert merged == (
        "a\n<<<<<<< yours\nours\n||||||| before\nb\n=======\ntheirs\n>>>>>>> fastgen\nc\n"
    )


@pytest.mark.parametrize(
    ("ours", "merged"),
    [
        ("a\r\nx\r\nb\r\nc\r\n", "a\r\nx\r\nb\r\nc\r\nd\r\n"),
        ("\ufeffa\nx\nb\nc\n", "\ufeffa\nx\nb\nc\nd\n"),
        ("a\r\nx\nb\r\nc\n", "a\r\nx\nb\r\nc\nd\n"),
        ("a\nx\nb\nc", "a\nx\nb\nc\nd"),
    ],
)
def test_line_ends_stay(ours: str, merged: str) -> None:
    assert merge_text("a.txt", "a\nb\nc\n", ours, "a\nb\nc\nd\n")[0] == merged


LISTS = {
    "requirements": (
        "pyproject.toml",
        'dependencies = [\n    "anyio>=4",\n    "uvicorn>=1",\n]\n',
        'dependencies = [\n    "anyio>=4",\n    "polars>=1", # ours\n    "uvicorn>=1",\n]\n',
        'dependencies = [\n    "anyio>=4",\n    "pyjwt>=2",\n    "uvicorn>=1",\n]\n',
        (
            'dependencies = [\n    "anyio>=4",\n    "polars>=1", # ours\n    "pyjwt>=2",\n'
            '    "uvicorn>=1",\n]\n'
        ),
    ),
    "variables": (
        ".env.example",
        "# Port.\nPORT=8000\n",
        "# Port.\nPORT=9000\n# Mine.\nMINE=1\n",
        "# Port.\nPORT=8000\n\n# Signing in.\nTTL=9\n",
        "# Port.\nPORT=9000\n# Mine.\nMINE=1\n\n# Signing in.\nTTL=9\n",
    ),
    "variables around those that go": (
        ".env.example",
        "PORT=8000\n\n# Rate.\nRATE=20\n\n# Metrics.\nMETRICS=true\n",
        "PORT=8000\n\n# Mine.\nMINE=1\n# Rate.\nRATE=20\nTOO=2\n\n# Metrics.\nMETRICS=true\n",
        "PORT=8000\n\n# Metrics.\nMETRICS=true\n",
        "PORT=8000\n\n# Mine.\nMINE=1\nTOO=2\n\n# Metrics.\nMETRICS=true\n",
    ),
    "routers": (
        "app/api/router.py",
        "def f(app):\n    app.include_router(health)\n    app.include_router(last)\n",
        (
            "def f(app):\n    app.include_router(health)\n    app.include_router(mine)\n"
            "    app.include_router(last)\n"
        ),
        (
            "def f(app):\n    app.include_router(health)\n"
            "    app.include_router(\n        auth, a=1\n"
            "    )\n    app.include_router(last)\n"
        ),
        (
            "def f(app):\n    app.include_router(health)\n    app.include_router(mine)\n"
            "    app.include_router(\n        auth, a=1\n"
            "    )\n    app.include_router(last)\n"
        ),
    ),
    "imports": (
        "app/main.py",
        "from app.a import b\nfrom app.c import d\n",
        "from app.a import b, mine\nfrom app.bb import e\nfrom app.c import d\n",
        "from app.a import Auth, b\nfrom app.aa import e\nfrom app.c import d\n",
        (
            "from app.a import Auth, b, mine\nfrom app.aa import e\nfrom app.bb import e\n"
            "from app.c import d\n"
        ),
    ),
    "services": (
        "compose.yaml",
        "services:\n  app:\n    image: shop\n\nvolumes:\n  data:\n",
        (
            "services:\n  app:\n    image: shop\n\n  # Mine.\n  mail:\n    image: mail\n"
            "    init: true\n    restart: always\n\nvolumes:\n  data:\n"
        ),
        (
            "services:\n  app:\n    image: shop\n\n  redis:\n    image: redis\n    init: true\n\n"
            "  worker:\n    image: shop\n    init: true\n\nvolumes:\n  data:\n  redis:\n"
        ),
        (
            "services:\n  app:\n    image: shop\n\n  # Mine.\n  mail:\n    image: mail\n"
            "    init: true\n    restart: always\n\n  redis:\n    image: redis\n    init: true\n\n"
            "  worker:\n    image: shop\n    init: true\n\nvolumes:\n  data:\n  redis:\n"
        ),
    ),
    "services beside one that goes": (
        "compose.yaml",
        "services:\n  app:\n    image: shop\n\n  redis:\n    init: true\n\nvolumes:\n  redis:\n",
        (
            "services:\n  app:\n    image: shop\n\n  redis:\n    init: true\n\n"
            "  mail:\n    init: true\n\nvolumes:\n  redis:\n"
        ),
        "services:\n  app:\n    image: shop\n",
        "services:\n  app:\n    image: shop\n  mail:\n    init: true\n\n",
    ),
    "services with an equal line": (
        "compose.yaml",
        "services:\n  app:\n    image: shop\n",
        "services:\n  app:\n    image: shop\n\n  mail:\n    init: true\n",
        "services:\n  app:\n    image: shop\n\n  redis:\n    image: redis\n    init: true\n",
        (
            "services:\n  app:\n    image: shop\n\n  mail:\n    init: true\n"
            "\n  redis:\n    image: redis\n    init: true\n"
        ),
    ),
    "variables of a service": (
        "compose.yaml",
        "x:\n  environment:\n    PORT: 1\n  init: true\n",
        "x:\n  environment:\n    PORT: 1\n    MINE: 1\n  init: true\n",
        "x:\n  environment:\n    PORT: 1\n    REDIS_URL: redis\n  init: true\n",
        "x:\n  environment:\n    PORT: 1\n    MINE: 1\n    REDIS_URL: redis\n  init: true\n",
    ),
    "jobs": (
        ".github/workflows/ci.yml",
        "jobs:\n  check:\n    steps:\n      - run: a\n",
        "jobs:\n  check:\n    steps:\n      - run: a\n\n  mine:\n    steps:\n      - run: b\n",
        "jobs:\n  check:\n    steps:\n      - run: a\n\n  lint:\n    steps:\n      - run: c\n",
        (
            "jobs:\n  check:\n    steps:\n      - run: a\n\n  mine:\n    steps:\n      - run: b\n"
            "\n  lint:\n    steps:\n      - run: c\n"
        ),
    ),
    "bases of a class": (
        "app/settings.py",
        "class Settings(Core, Database):\n    size: int = 1\n",
        "class Settings(\n    Mine,\n    Core,\n    Database,\n):\n    size: int = 1\n",
        "class Settings(Core, Cache):\n    size: int = 1\n",
        "class Settings(Mine, Core, Cache):\n    size: int = 1\n",
    ),
}


@pytest.mark.parametrize("case", LISTS.values(), ids=LISTS)
def test_two_additions_in_one_place_of_a_list(case: tuple[str, str, str, str, str]) -> None:
    path, base, ours, theirs, merged = case

    assert merge_text(path, base, ours, theirs) == (merged, False)
    assert merge_text("notes.txt", base, ours, theirs)[1]


def test_the_same_element_changed_by_both_is_a_conflict() -> None:
    base, ours, theirs = (f'dependencies = [\n    "anyio>={one}",\n]\n' for one in (4, 5, 6))

    assert merge_text("pyproject.toml", base, ours, theirs)[1]


MODEL = "class Order(Model):\n    label: Mapped[str]\n"
NOTE = "    note: Mapped[str]\n"


@pytest.mark.parametrize(
    "own",
    [
        "\n    @property\n    def is_ours(self) -> bool:\n        return True\n",
        "    color: Mapped[str]\n",
        "\n\nclass Colors(Model):\n    pass\n",
    ],
)
def test_a_field_comes_before_what_people_have_added_below(own: str) -> None:
    path = "app/models/order.py"

    assert merge_text(path, MODEL, MODEL + own, MODEL + NOTE) == (MODEL + NOTE + own, False)
    # And it goes without it.
    both = MODEL + NOTE
    assert merge_text(path, both, both + own, MODEL) == (MODEL + own, False)


def test_people_have_wrapped_the_field_above_their_own() -> None:
    base, own = "class A(B):\n    state: M = column(x)\n", "    mine: M\n"
    ours = f"class A(B):\n    state: M = column(\n        x\n    )\n{own}"

    text, is_conflict = merge_text("app/models/a.py", base, ours, base + NOTE)

    assert (text, is_conflict) == (base + NOTE + own, False)


@pytest.mark.parametrize(
    ("path", "own"),
    [
        ("app/models/order.py", "    note: Mapped[int]\n"),
        ("app/models/order.py", "    def note(self) -> int:\n        return 1\n"),
        ("app/services/order.py", "    color: Mapped[str]\n"),
    ],
)
def test_a_field_that_people_have_collides(path: str, own: str) -> None:
    _, is_conflict = merge_text(path, MODEL, MODEL + own, MODEL + NOTE)

    assert is_conflict
