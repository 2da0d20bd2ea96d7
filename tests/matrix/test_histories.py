"""Random histories of a project: edits of people, and the commands of fastgen, in any order.

`FASTGEN_HISTORIES=1000 pytest tests/matrix/test_histories.py` runs more of them.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from fastgen import git
from fastgen.archive import pack
from fastgen.changes import Conflicted, Plan
from fastgen.errors import FastgenError
from fastgen.merge.elements import LISTS
from fastgen.merge.text import LABELS
from fastgen.planning.plan_add import plan_addition
from fastgen.planning.plan_fields import plan_add_fields, plan_remove_field
from fastgen.planning.plan_patterns import plan_add_patterns, plan_remove_patterns
from fastgen.planning.plan_remove import plan_removal
from fastgen.planning.plan_update import plan_update
from fastgen.planning.recorded_tree import recorded_tree
from fastgen.project import patterns
from fastgen.project.operations import Operation
from fastgen.project.request import OverlayOptions
from fastgen.project.state import State, read_state
from fastgen.project.state_files import state_files
from fastgen.transaction import apply, write
from tests.made_versions import EARLIER, earlier_version
from tests.matrix.combinations import EVERYTHING
from tests.support import contents, generate

HISTORIES = int(os.environ.get("FASTGEN_HISTORIES", "100" if EVERYTHING else "10"))
STEPS = 8
FIELDS = ("note:text:optional", "rank:int:min=1:default=1", "state:enum(new|old)", "day:date")
PLURALS = ("orders", "parcels")
MIDDLEWARE = ("timing", "rate-limit", "audit")
EDITABLE = (".py", ".md", ".toml", ".example", ".yml")
HUBS = LISTS | {
    "README.md",
    "app/api/v1/items.py",
    "app/models/item.py",
    "app/schemas/item.py",
    "tests/api/test_items.py",
}
"""Files that most commands change."""
MARKED = re.compile(
    rf"<<<<<<< {LABELS[0]}\r?\n(.*?)\|\|\|\|\|\|\| .*?=======\r?\n.*?>>>>>>> {LABELS[2]}\r?\n",
    re.DOTALL,
)
Planner = Callable[[Path, State], Plan]


class History:
    """A project, and what people have written in it."""

    def __init__(self, project: Path, seed: int, *, has_edits: bool) -> None:
        self.project = project
        self.random = Random(seed)
        self.has_edits = has_edits
        self.own: set[str] = set()
        self.log: list[str] = []

    def step(self) -> None:
        acts = [self.pattern, self.pattern, self.field, self.router, self.middleware]
        if read_state(self.project).version == EARLIER:
            acts = [self.update]  # until then, the other commands refuse
        if self.has_edits:
            acts += [
                self.insert,
                self.change,
                self.change,
                self.delete,
                self.rename,
                self.line_ends,
                self.commit,
            ]
        self.random.choice(acts)()
        self.check()

    def update(self) -> None:
        self.run("update", lambda root, state: plan_update(root, state, OverlayOptions()))

    def pattern(self) -> None:
        names = self.random.sample(patterns.names(), self.random.randint(1, 2))
        if self.random.random() < 0.6:
            self.run(f"add {names}", lambda root, state: plan_add_patterns(root, state, names))
        else:
            self.run(
                f"remove {names}", lambda root, state: plan_remove_patterns(root, state, names)
            )

    def field(self) -> None:
        router, text = self.random.choice(["items", *PLURALS]), self.random.choice(FIELDS)
        name = text.partition(":")[0]
        if self.random.random() < 0.7:
            planner: Planner = lambda root, state: plan_add_fields(root, state, router, [text])  # noqa: E731
        else:
            planner = lambda root, state: plan_remove_field(root, state, router, name)  # noqa: E731
        self.run(f"field {router}.{name}", planner)

    def router(self) -> None:
        name = self.random.choice(PLURALS)
        self.operation(Operation("router", name, {"fields": ("label:str", "item:ref(items)")}))

    def middleware(self) -> None:
        self.operation(Operation("middleware", self.random.choice(MIDDLEWARE)))

    def operation(self, operation: Operation) -> None:
        def plan(root: Path, state: State) -> Plan:
            known = state.find(operation.kind, operation.name)
            if known is None:
                return plan_addition(root, state, operation)
            return plan_removal(root, state, known, force=False)

        self.run(f"toggle {operation.id}", plan, is_toggle=True)

    def run(self, words: str, planner: Planner, *, is_toggle: bool = False) -> None:
        self.log.append(words)
        try:
            plan = planner(self.project, read_state(self.project))
        except FastgenError as error:
            self.log.append(f"  {error.exit_code}: {error.message}")
            if error.exit_code not in (2, 3):
                raise
            return
        for conflict in plan.conflicts:
            check_conflict(self.project.parent, conflict)
        apply(self.project, plan.changes)
        git.mark_unmerged(self.project, plan.conflicts)
        for conflict in plan.conflicts:
            self.log.append(f"  conflict in {conflict.path}")
            path = self.project / conflict.path
            path.write_bytes(MARKED.sub(r"\1", path.read_bytes().decode()).encode())
        if not is_toggle:
            again = planner(self.project, read_state(self.project))
            assert again.changes == (), self.log

    def edit_hubs(self) -> None:
        """Edit each of the files that most commands change."""
        for name in sorted(HUBS):
            if (self.project / name).exists():
                self.random.choice([self.insert, self.change])(self.project / name)

    def insert(self, path: Path | None = None) -> None:
        path = path or self.any_file()
        lines = path.read_bytes().decode().split("\n")
        at = self.random.randint(0, len(lines) - 1)
        line = f"# own {len(self.own)} {self.random.random()}"
        self.own.add(line)
        lines[at:at] = [line]
        self.write(path, lines, f"insert at {at}")

    def change(self, path: Path | None = None) -> None:
        path = path or self.any_file()
        lines = path.read_bytes().decode().split("\n")
        at = self.random.randint(0, len(lines) - 1)
        line = f"# own {len(self.own)} {self.random.random()}"
        self.own.add(line)
        lines[at] = f"{lines[at].rstrip()}  {line}"
        self.write(path, lines, f"change {at}")

    def delete(self) -> None:
        path = self.any_file()
        lines = path.read_bytes().decode().split("\n")
        at = self.random.randint(0, len(lines) - 1)
        if not any(own in lines[at] for own in self.own):
            del lines[at]
            self.write(path, lines, f"delete {at}")

    def rename(self) -> None:
        path = self.any_file()
        self.log.append(f"rename {path.name}")
        path.rename(path.with_name(f"renamed_{len(self.log)}_{path.name}"))

    def line_ends(self) -> None:
        path = self.any_file()
        self.write(path, path.read_bytes().decode().replace("\r", "").split("\n"), "CRLF", "\r\n")

    def commit(self) -> None:
        self.log.append("commit")
        run_git(self.project, "init", "--quiet")
        run_git(self.project, "add", "--all")
        run_git(self.project, "commit", "--quiet", "--allow-empty", "--message=some")

    def write(self, path: Path, lines: list[str], words: str, newline: str = "\n") -> None:
        self.log.append(f"{words} in {path.relative_to(self.project)}")
        path.write_bytes(newline.join(lines).encode())

    def any_file(self) -> Path:
        """One of the files that people may edit; files that codemods read stay valid."""
        found = [
            path
            for path in sorted(self.project.rglob("*"))
            if path.is_file()
            and path.name.endswith(EDITABLE)
            and "versions" not in path.parts
            and ".git" not in path.parts
            and ".fastgen" not in path.relative_to(self.project).as_posix()
        ]
        hubs = [path for path in found if path.relative_to(self.project).as_posix() in HUBS]
        return self.random.choice(hubs if hubs and self.random.random() < 0.7 else found)

    def check(self) -> None:
        tree = contents(self.project)
        text = b"\n".join(tree.values()).decode("utf-8", "replace")
        assert [line for line in self.own if line not in text] == [], self.log
        state = read_state(self.project)
        if not self.has_edits:
            fresh = generate(
                self.project.parent / f"fresh-{len(self.log)}",
                patterns=state.answers.patterns,
                operations=state.operations,
            )
            assert without_revisions(contents(fresh)) == without_revisions(tree), self.log
            shutil.rmtree(fresh)
        assert not [path for path in os.listdir(self.project) if path.startswith(".fastgen-")]


def become_earlier(project: Path) -> None:
    """Make the project one of the earlier version."""
    state = replace(read_state(project), version=EARLIER)
    shutil.rmtree(project)
    project.mkdir()
    write(project, recorded_tree(state))
    write(project, {path: text.encode() for path, text in state_files(state).items()})


def without_revisions(tree: dict[str, bytes]) -> dict[str, bytes]:
    """The tree without migrations and operations, whose order is that of the history."""
    return {
        path: content
        for path, content in tree.items()
        if not path.startswith((".fastgen/", "migrations/"))
    }


def check_conflict(folder: Path, conflict: Conflicted) -> None:
    """Git's own merge of the three texts has a conflict too."""
    paths = [folder / name for name in ("ours", "base", "theirs")]
    for path, content in zip(paths, (conflict.ours, conflict.base, conflict.theirs), strict=True):
        path.write_bytes((content or b"").replace(b"\r\n", b"\n"))
    command = ["git", "merge-file", "-p", *map(str, paths)]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode > 0, conflict.path


def run_git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with an earlier version."""
    path = tmp_path_factory.mktemp("archive") / "versions.xz"
    path.write_bytes(pack({EARLIER: earlier_version()}))
    return path


@pytest.mark.parametrize("seed", range(HISTORIES))
def test_nothing_is_lost(
    tmp_path: Path, archive: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr("fastgen.planning.recorded_tree.archive_file", lambda: archive)
    chosen = Random(seed).sample(patterns.names(), 2)
    project = generate(tmp_path, patterns=chosen)
    if seed % 2 == 0:
        become_earlier(project)
    history = History(project, seed, has_edits=seed % 4 != 0)

    if history.has_edits:
        history.edit_hubs()
    for _ in range(STEPS):
        history.step()
