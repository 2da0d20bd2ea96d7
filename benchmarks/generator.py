"""How long the command line takes, as whole processes: `python -m benchmarks.generator`."""

import pickle
import sys
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.machine import description
from benchmarks.plan import plan
from benchmarks.processes import Command, Cost, run
from benchmarks.rounds import Spread, interleaved, ratio
from benchmarks.tables import publish
from fastgen.names.project_names import default_title
from fastgen.project import patterns
from fastgen.project.request import Answers
from tests.support import ROOT, contents

ROUNDS = 21
NAME = "shop"
PYTHON = Path(sys.executable)
FASTGEN = PYTHON.with_name("fastgen")
DISTRIBUTIONS = ["jinja2", "typer"]
HEADER = ["process", "wall, ms", "CPU, ms", "wall / Python alone", "wall / plain render"]

ALONE = "`python -c pass`"
AGAIN = "the same once more: noise"
HELP = "`fastgen --help`"
NEW = "`fastgen new`"
PLAIN = "the same files by plain Jinja2"


def main() -> None:
    answers = Answers(
        name=NAME,
        title=default_title(NAME),
        description=f"The {default_title(NAME)} service.",
        author="",
        patterns=patterns.choose(["all"]),
    )
    with TemporaryDirectory() as name:
        work = _Work(Path(name), answers)
        files = work.check()
        costs = interleaved(
            {
                ALONE: lambda: run([PYTHON, "-c", "pass"], ROOT),
                AGAIN: lambda: run([PYTHON, "-c", "pass"], ROOT),
                HELP: lambda: run([FASTGEN, "--help"], ROOT),
                NEW: work.new,
                PLAIN: work.plain,
            },
            ROUNDS,
        )
    chosen = ",".join(answers.patterns) or "none"
    title = f"`new --with {chosen}`, {files} files; {description(PYTHON, DISTRIBUTIONS)}."
    publish("generator", title, HEADER, _rows(costs))


class _Work:
    """The processes that make files, each time in a folder of their own."""

    def __init__(self, folder: Path, answers: Answers) -> None:
        self._folder = folder
        self._numbers = count()
        chosen = ",".join(answers.patterns) or "none"
        self._new: Command = [FASTGEN, "new", NAME, "--with", chosen, "--yes", "--no-git", "--dir"]
        prepared = folder / "plan.pickle"
        prepared.write_bytes(pickle.dumps(plan(answers, self._fresh())))
        self._plain: Command = [PYTHON, "-m", "benchmarks.plain_render", prepared]

    def new(self) -> Cost:
        return run([*self._new, self._fresh()], ROOT)

    def plain(self) -> Cost:
        return run([*self._plain, self._fresh()], ROOT)

    def check(self) -> int:
        """Make sure that both make the same files, and return their number.

        The state has no template. fastgen edits the list of routers, and lays resources out after
        rendering them; all other files are the same bytes.
        """
        run([*self._new, generated := self._fresh()], ROOT)
        run([*self._plain, rendered := self._fresh()], ROOT)
        expected, found = contents(generated / NAME), contents(rendered)
        state = {path for path in expected if path.startswith(".fastgen")}
        assert found.keys() == expected.keys() - state
        assert sum(found[path] != expected[path] for path in found) < len(found) / 20
        return len(expected)

    def _fresh(self) -> Path:
        path = self._folder / str(next(self._numbers))
        path.mkdir()
        return path


def _rows(costs: Mapping[str, Sequence[Cost]]) -> list[list[str]]:
    walls = {name: [cost.wall for cost in found] for name, found in costs.items()}
    return [
        [
            name,
            f"{Spread.of([1000 * cost.wall for cost in found]):.0f}",
            f"{Spread.of([1000 * cost.cpu for cost in found]):.0f}",
            f"{ratio(walls[name], walls[ALONE]):.1f}",
            f"{ratio(walls[name], walls[PLAIN]):.2f}" if name == NEW else "",
        ]
        for name, found in costs.items()
    ]


if __name__ == "__main__":
    main()
