"""What the plain render is handed: all that Copier finds out before it renders."""

import json
from pathlib import Path
from typing import Any

import jinja2
import yaml

from fastgen.project.request import Answers
from fastgen.rendering.project_renderer import render_project
from fastgen.rendering.quoting import quoted
from tests.support import TEMPLATES, contents


def plan(answers: Answers, folder: Path) -> dict[str, Any]:
    """The answers, with those that follow from them, and the files; `folder` is rendered to."""
    write(folder, render_project(answers))
    questions = yaml.safe_load((TEMPLATES / "project" / "copier.yml").read_text("utf-8"))
    options = {**questions["_envops"], "undefined": jinja2.StrictUndefined}
    environment = jinja2.Environment(**options)
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
    return {"answers": known, "files": list(contents(folder))}
