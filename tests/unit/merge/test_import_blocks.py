"""Imports of both sides are merged by name."""

import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from fastgen.merge.import_blocks import with_equal_imports
from fastgen.merge.merged_files import merge_text

MODULES = ["json", "datetime", "fastapi", "sqlalchemy.orm", "app.api.deps", "app.core", "tests.a"]
NAMES = ["MAX_SIZE", "Alpha", "Beta", "Gamma_" * 6, "delta", "epsilon_" * 4, "zeta"]
CODE = "\n\ndef value() -> None: ...\n"
Name = tuple[str, str]
"""A module and a name of it; without a name, the module itself."""


def written(names: set[Name]) -> str:
    """The imports in the order of isort, written without the code under test."""
    sections = []
    for modules in (MODULES[:2], MODULES[2:4], MODULES[4:]):
        lines = [f"import {module}" for module in sorted(modules) if (module, "") in names]
        for module in sorted(modules):
            found = [name for name in NAMES if (module, name) in names]
            line = f"from {module} import {', '.join(found)}"
            if len(line) > 100:
                own_lines = "".join(f"    {name},\n" for name in found)
                line = f"from {module} import (\n{own_lines})"
            lines += [line] if found else []
        sections.append("".join(f"{line}\n" for line in lines))
    return "\n".join(filter(None, sections))


def changed(names: set[Name], random: Random) -> set[Name]:
    changes = {
        (random.choice(MODULES), random.choice([*NAMES, ""])) for _ in range(random.randint(0, 4))
    }
    return names ^ {(module, name) for module, name in changes if "." not in module or name}


def test_names_are_added_and_removed_by_both(tmp_path: Path) -> None:
    merges = 0
    for seed in range(1000):
        random = Random(seed)
        base = {("fastapi", "Alpha")} | changed({("app.core", "Beta")}, random)
        ours, theirs = changed(base, random), changed(base, random)
        if not (ours and theirs):
            continue
        expected = (ours & theirs) | (ours - base) | (theirs - base)
        bound = [name or module for module, name in expected]
        if not expected or len({*bound}) < len(bound):
            continue  # two objects have one name
        texts = [written(names) + CODE for names in (base, ours, theirs)]

        text, is_conflict = merge_text("app/x.py", *texts)

        assert (text, is_conflict) == (written(expected) + CODE, False), seed
        (tmp_path / f"{seed}.py").write_text(text)
        merges += 1
    assert merges > 100
    config = 'lint.isort.known-first-party=["app", "tests"]'
    ruff = [sys.executable, "-m", "ruff", "check", "--isolated", "--select=I", "--line-length=100"]
    done = subprocess.run(
        [*ruff, "--config", config, tmp_path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "ours",
    [
        "import b  # noqa\nimport d\n",
        "import b\n# Ours.\nimport d\n",
        "import b; import d\n",
        "from c import x\nfrom d import y as x\n",
        "def\n",
        "",
    ],
)
def test_other_blocks_are_merged_as_text(ours: str) -> None:
    texts = ("import b\n", ours, "import b\nimport e\n")

    assert with_equal_imports([text.splitlines(keepends=True) for text in texts]) is None


@pytest.mark.parametrize(
    ("ours", "expected"),
    [
        ("from a import c\nfrom a import d\nfrom b import f\n",
         "from a import d\nfrom b import f\nfrom a import e\n"),
        ("from b import f\nfrom a import d, c\n",
         "from b import f\nfrom a import d\nfrom a import e\n"),
        ("import z\n\n\nfrom b import f\nfrom a import c, d\n",
         "import z\n\n\nfrom b import f\nfrom a import d\nfrom a import e\n"),
    ],
)  # fmt: skip
def test_the_order_of_people_stays(ours: str, expected: str) -> None:
    """Such as that of another profile of isort; their tool sorts new imports."""
    base = "from a import c, d\nfrom b import f\n"
    theirs = "from a import d, e\nfrom b import f\n"

    merged = merge_text("x.py", base + CODE, f"{ours}{CODE}\nOWN = 1\n", theirs + CODE)

    assert merged == (f"{expected}{CODE}\nOWN = 1\n", False)


def test_what_people_wrote_stays_as_it_is() -> None:
    own = "from a import (\n    b,\n    c,\n)\n"
    base, theirs = own + "from d import e\n", own + "from d import e, f\n"
    ours = own + "from d import e, g\n"

    text, is_conflict = merge_text("x.py", base + CODE, ours + CODE, theirs + CODE)

    assert (text, is_conflict) == (own + "from d import e, f, g\n" + CODE, False)
