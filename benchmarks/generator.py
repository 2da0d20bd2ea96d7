"""How long the command line takes, as whole processes: `python -m benchmarks.generator`."""

import json
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import jinja2
import yaml

from benchmarks.machine import description
from benchmarks.processes import Cost, run
from benchmarks.rounds import Spread, interleaved, ratio
from benchmarks.tables import publish
from fastgen import patterns
from fastgen.naming import default_title
from fastgen.project import Answers
from fastgen.quoting import quoted
from fastgen.render import render_project
from tests.support import ROOT, TEMPLATES, contents

ROUNDS = 5
NAME = "shop"
PYTHON = Path(sys.executable)
FASTGEN = PYTHON.with_name("fastgen")
STATE = ".fastgen.toml"
HEADER = ["process", "wall, ms", "CPU, ms", "wall, of Python alone", "wall, of the plain render"]


def main() -> None:
    chosen = patterns.choose(["all"])
    with TemporaryDirectory() as name:
        folder = Path(name)
        plan = folder / "plan.json"
        plan.write_text(json.dumps(_plan(folder, chosen)), "utf-8")
        new = [FASTGEN, "new", NAME, "--with", ",".join(chosen) or "none", "--yes", "--no-git"]
        render: list[str | Path] = [PYTHON, "-m", "benchmarks.plain_render", plan]
        numbers = count()

        def fresh() -> Path:
            path = folder / str(next(numbers))
            path.mkdir()
            return path

        run([*new, "--dir", folder], ROOT)
        run([*render, plain := fresh()], ROOT)
        generated = contents(folder / NAME)
        del generated[STATE]
        assert contents(plain) == generated, "the plain render must give the same bytes"

        alone: Callable[[], Cost] = lambda: run([PYTHON, "-c", "pass"], ROOT)
        costs = interleaved(
            {
                "`python -c pass`": alone,
                "the same again: noise": alone,
                "`fastgen --help`": lambda: run([FASTGEN, "--help"], ROOT),
                f"`fastgen new`, {len(generated)} files": lambda: run(
                    [*new, "--dir", fresh()], ROOT
                ),
                "plain Jinja2, the same files": lambda: run([*render, fresh()], ROOT),
            },
            ROUNDS,
        )
    distributions = ["copier", "jinja2", "typer"]
    publish("generator", description(PYTHON, distributions) + ".", HEADER, _rows(costs))


def _plan(folder: Path, chosen: tuple[str, ...]) -> dict[str, Any]:
    """What the plain render is handed: the answers, with those that follow from them; the files."""
    title = default_title(NAME)
    answers = Answers(
        name=NAME,
        title=title,
        description=f"The {title} service.",
        author="",
        patterns=chosen,
    )
    render_project(answers, reference := folder / "reference")
    questions = yaml.safe_load((TEMPLATES / "project" / "copier.yml").read_text("utf-8"))
    environment = jinja2.Environment(**_options(questions["_envops"]))
    environment.filters["to_json"] = json.dumps
    known: dict[str, Any] = {
        "name": answers.name,
        "title": dict(quoted(answers.title)),
        "description": dict(quoted(answers.description)),
        "author": dict(quoted(answers.author)),
        "patterns": list(answers.patterns),
    }
    for name, question in questions.items():
        if isinstance(question, dict) and question.get("when") is False:
            text = environment.from_string(question["default"]).render(known)
            known[name] = yaml.safe_load(text)
    return {"answers": known, "files": list(contents(reference))}


def _options(written: dict[str, Any]) -> dict[str, Any]:
    return {**written, "undefined": jinja2.StrictUndefined}


def _rows(costs: dict[str, list[Cost]]) -> list[list[str]]:
    walls = {name: [cost.wall for cost in found] for name, found in costs.items()}
    alone, *_, plain = walls.values()
    return [
        [
            name,
            f"{Spread.of([1000 * wall for wall in walls[name]]):.0f}",
            f"{Spread.of([1000 * cost.cpu for cost in found]):.0f}",
            f"{ratio(walls[name], alone):.1f}",
            f"{ratio(walls[name], plain):.2f}" if name.startswith("`fastgen new`") else "",
        ]
        for name, found in costs.items()
    ]


if __name__ == "__main__":
    main()
