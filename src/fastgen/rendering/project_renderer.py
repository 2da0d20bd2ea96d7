"""Renders the files of a project that are there whatever its resources.

The templates are layers of folders: `core`, then a folder a pattern, then a folder an extra. A
file of a later layer replaces the one of an earlier layer. Files that end in `.jinja` are rendered,
all others copied.
"""

from collections.abc import Collection, Iterator
from pathlib import Path

from fastgen.project import patterns
from fastgen.project.extras import all_extras
from fastgen.project.request import Answers
from fastgen.rendering.hubs import hub_values
from fastgen.rendering.quoting import assignment, quoted
from fastgen.rendering.template_folder import read_template, template_files, templates
from fastgen.rendering.template_renderer import SUFFIX, render_template


def render_project(
    answers: Answers, extras: Collection[str] = (), *, has_resources: bool = True
) -> dict[str, bytes]:
    """The content of each file, by its path below the project.

    The same arguments give the same bytes.

    Args:
        answers: what was asked for.
        extras: the names of the extras that the project has.
        has_resources: whether resources will be added, whose tests cover more of the project.
    """
    values = {
        "name": answers.name,
        # Some names allow only small letters and dashes.
        "slug": answers.name.lower().replace("_", "-"),
        "title": quoted(answers.title),
        "description": quoted(answers.description),
        "author": quoted(answers.author),
        "text_settings": [
            assignment("    app_title: str", answers.title),
            assignment("    app_description: str", answers.description),
            assignment("    contact_name: str", answers.author),
        ],
        # Without a resource, nothing uses the repositories and the pages.
        "coverage": coverage_limit(has_resources=has_resources),
        **hub_values(answers.parts, extras),
    }
    return {
        path: render_template(template, values).encode()
        if template.suffix == SUFFIX
        else read_template(template)
        for path, template in sorted(project_templates(answers.parts, extras).items())
    }


def coverage_limit(*, has_resources: bool) -> int:
    """Lowest coverage of a project by its own tests, in percent."""
    return 85 if has_resources else 70


def project_templates(chosen: Collection[str], extras: Collection[str] = ()) -> dict[str, Path]:
    """The template of each file of a project with these patterns and extras."""
    return {
        file.removesuffix(SUFFIX): layer / file
        for layer in layers(chosen, extras)
        for file in template_files(layer)
    }


def layers(chosen: Collection[str], extras: Collection[str] = ()) -> Iterator[Path]:
    """The folders of templates of a project with these patterns and extras, in order."""
    yield templates() / "core"
    for pattern in patterns.all_patterns():
        if pattern.instead and pattern.name not in chosen:
            yield templates() / pattern.instead
    present = {*chosen, *patterns.foundations_of((*chosen, *extras)), *extras}
    added = [extra for extra in all_extras() if extra.name in extras]
    for contributor in (*patterns.contributors(present), *added):
        yield from contributor.layers(present)
