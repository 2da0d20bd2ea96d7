"""The plan of the plain render: the template and the values of each file of `fastgen new`."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from fastgen.project.request import Answers
from fastgen.rendering import project_renderer
from fastgen.rendering.layout import lay_out
from fastgen.rendering.project_renderer import project_templates
from fastgen.rendering.template_folder import template_files, templates
from fastgen.rendering.template_renderer import render_template
from fastgen.resources import resource_files
from tests.support import contents, generate

Call = tuple[Path, Mapping[str, Any], str]


def plan(answers: Answers, folder: Path) -> dict[str, Any]:
    """Render the project into `folder`, and note what each of its files is made of."""
    with _noted() as calls:
        project = generate(folder, name=answers.name, patterns=answers.patterns)
    templates_of = project_templates(answers.patterns)
    copies = {(templates() / path).read_bytes(): path for path in template_files(templates())}
    values: list[Mapping[str, Any]] = []
    files: list[dict[str, Any]] = []
    rendered = {text: (template, given) for template, given, text in calls}
    for path, content in contents(project).items():
        text = content.decode()
        if text in rendered:
            template, given = rendered[text]
            values.append(dict(given))
            files.append({"path": path, "template": _name(template), "values": len(values) - 1})
        elif path in templates_of:
            files.append({"path": path, "template": _name(templates_of[path]), "values": None})
        elif content in copies:
            files.append({"path": path, "template": copies[content], "values": None})
    return {"templates": str(templates()), "values": values, "files": files}


@contextmanager
def _noted() -> Iterator[list[Call]]:
    """Note every template that is rendered, with the text of its file."""
    calls: list[Call] = []

    def render(template: Path, values: Mapping[str, Any]) -> str:
        text = render_template(template, values)
        calls.append((template, values, lay_out(text)))
        calls.append((template, values, text))
        return text

    with (
        patch.object(project_renderer, "render_template", render),
        patch.object(resource_files, "render_template", render),
    ):
        yield calls


def _name(template: Path) -> str:
    return template.relative_to(templates()).as_posix()
