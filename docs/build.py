"""Builds the site of the documents into `build/docs/site`; a warning is an error.

    .venv/bin/python -m docs.build

The pages of patterns, extras, middleware and settings are made of the templates. A page of a
pattern or an extra has the page that projects get, under a table of facts.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from fastgen.middleware.catalogue import IN_EVERY_PROJECT, find, known
from fastgen.planning.project_tree import project_tree
from fastgen.project.choices import choose_one
from fastgen.project.contributions import Contribution
from fastgen.project.extras import all_extras
from fastgen.project.extras import names as extra_names
from fastgen.project.operations import EXAMPLES, Operation
from fastgen.project.patterns import Pattern, all_choices, all_foundations, all_patterns
from fastgen.project.patterns import names as pattern_names
from fastgen.project.request import Answers
from fastgen.project.state import State

DOCS = Path(__file__).parent
BUILD = DOCS.parent / "build" / "docs"
WRITTEN = ("*.md", "commands/*.md", "how-to/*.md", "pictures/*.svg", "pictures/*.png")
"""What people have written for users; the rest of the folder is for contributors."""
SETTINGS = """\
# Settings

A setting is an environment variable, or a line of `.env` in the root of the project; the
environment wins. Lists are JSON, or have commas. An empty value means the default. At start all
invalid settings are reported together, without their values. `.env.example` of a project lists
its settings.
"""
CODE = re.compile(r"`[^`\n]+`")
FOR_CONTRIBUTORS = ("test-suite.md", "coverage.md")


def build(folder: Path = BUILD) -> int:
    """Build the site below an empty folder; the exit code of the builder.

    The builder gets a folder of its own: its cache is beside its configuration.
    """
    shutil.rmtree(folder, ignore_errors=True)
    for path in sorted(path for pattern in WRITTEN for path in DOCS.glob(pattern)):
        if path.name not in FOR_CONTRIBUTORS:
            _write(folder / "pages" / path.relative_to(DOCS), path.read_bytes())
    for name, text in pages().items():
        _write(folder / "pages" / name, text.encode())
    for path in (folder / "pages").rglob("*.md"):
        path.write_text(
            CODE.sub(_without_escapes, _with_benchmarks(path.read_text("utf-8"))), "utf-8"
        )
    shutil.copy(DOCS / "zensical.toml", folder)
    command = [sys.executable, "-m", "zensical", "build", "--strict"]
    return subprocess.run(command, cwd=folder, check=False).returncode


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _with_benchmarks(page: str) -> str:
    """The page with the tables of the benchmarks that it names."""
    return re.sub(r"<!-- benchmark: (.+) -->", lambda found: _benchmark(found[1]), page)


def _benchmark(name: str) -> str:
    text = (DOCS.parent / "benchmarks" / "README.md").read_text("utf-8")
    return text.partition(f"<!-- {name} -->")[2].partition(f"<!-- end of {name} -->")[0]


def _without_escapes(code: re.Match[str]) -> str:
    """Code in a table: a host of repositories needs an escape there that the builder shows."""
    return code[0].replace("\\|", "|")


def pages() -> dict[str, str]:
    """The pages by path."""
    return {
        **dict(_pattern_pages()),
        **dict(_extra_pages()),
        "middleware.md": _middleware_page(),
        "settings.md": _settings_page(),
    }


def render(patterns: Iterable[str], *, queue: str | None = None) -> dict[str, str]:
    """The text files of a project with these patterns and, if it has all of them, all extras."""
    chosen = tuple(patterns)
    answers = Answers(
        name="shop",
        title="Shop",
        description="The Shop service.",
        author="",
        patterns=chosen,
        queue=choose_one("queue", queue, chosen),
    )
    state = State("0.0.0", answers)
    added = extra_names() if chosen == pattern_names() else ()
    for operation in [*EXAMPLES, *(Operation("extra", name) for name in added)]:
        state = state.with_operation(operation)
    return {
        path: content.decode()
        for path, content in project_tree(state).items()
        if path.startswith("docs/") or path == ".env.example"
    }


def _pattern_pages() -> Iterator[tuple[str, str]]:
    project, rows = render(pattern_names()), []
    for pattern in all_patterns():
        name = pattern.name
        rows.append([f"[`{name}`]({name}.md)", pattern.summary, _codes(pattern.needs)])
        command = f"fastgen new shop --with {name}\nfastgen add pattern {name}"
        facts = _facts(pattern, command)
        choices = all_choices(pattern)
        if not choices:
            yield f"patterns/{name}.md", _with_facts(project[f"docs/{name}.md"], facts)
            continue
        links = [
            [f"[`{choice.name}`]({name}-{choice.name}.md)", choice.summary] for choice in choices
        ]
        yield (
            f"patterns/{name}.md",
            f"# The pattern `{name}`\n\n{facts}\n## Engines\n\n"
            f"`--{name} NAME` chooses one; without it, it is `{choices[0].name}`.\n\n"
            + _table(["engine", "what it is"], links),
        )
        for choice in choices:
            shown = render(pattern_names(), queue=choice.name)[f"docs/{name}.md"]
            title, _, text = shown.partition("\n")
            command = f"fastgen new shop --with {name} --{name} {choice.name}"
            facts = _facts(choice, command)
            yield (
                f"patterns/{name}-{choice.name}.md",
                _with_facts(f"{title} with {choice.name}\n{text}", facts),
            )
    further = {Path(path).stem for path in project if path.startswith("docs/")}
    for name in sorted(further.difference(pattern_names(), extra_names())):  # such as Redis
        yield f"patterns/{name}.md", project[f"docs/{name}.md"]
    intro = (
        "A pattern is a capability of the whole project: chosen at the start, added later, or "
        "removed. A project has only the files of its patterns.\n\n"
    )
    columns = ["pattern", "what it brings", "includes"]
    yield "patterns/index.md", f"# Patterns\n\n{intro}{_table(columns, rows)}"


def _extra_pages() -> Iterator[tuple[str, str]]:
    project, rows = render(pattern_names()), []
    for extra in all_extras():
        name = extra.name
        rows.append([f"[`{name}`]({name}.md)", extra.summary, _codes(extra.needs)])
        patterns = f" --with {','.join(extra.needs)}" if extra.needs else ""
        command = f"fastgen new shop{patterns} --extra {name}\nfastgen add extra {name}"
        page = _with_facts(project[f"docs/{name}.md"], _facts(extra, command))
        yield f"extras/{name}.md", page
    intro = "An extra is an operation or an integration, merged into what you have edited.\n\n"
    columns = ["extra", "what it brings", "needs the pattern"]
    yield "extras/index.md", f"# Extras\n\n{intro}{_table(columns, rows)}"


def _with_facts(page: str, facts: str) -> str:
    title, _, text = page.partition("\n")
    return f"{title}\n\n{facts}{text}"


def _facts(part: Pattern, commands: str) -> str:
    """What a pattern or an extra brings, as its description has it."""
    contributions = [part.contributes, *part.meetings.values()]
    settings = [each for one in contributions for group in _groups(one) for each in group.settings]
    prefixes = {router.prefix for one in contributions for router in one.routers if router.prefix}
    packages = dict.fromkeys(name for one in contributions for name in one.requirements)
    rows = {
        "Needs" if part in all_extras() else "Includes": _codes(part.needs),
        "Packages": _codes(packages),
        "Routes": _codes(f"/api/v1{prefix}" for prefix in sorted(prefixes)),
        "Settings": ", ".join(f"[`{name}`](../settings.md)" for name in settings),
    }
    facts = "".join(f"- {what}: {value}\n" for what, value in rows.items() if value)
    summary = f"{part.summary[:1].upper()}{part.summary[1:]}."
    return f"{summary}\n\n```sh\n{commands}\n```\n\n{facts}"


def _middleware_page() -> str:
    always = [[f"`{each.name}`", each.does] for each in IN_EVERY_PROJECT]
    added = [[f"`{name}`", find(name).does] for name in known()]
    return (
        "# Middleware\n\n"
        "Each is one plain ASGI class. `app/middleware/__init__.py` lists them in order.\n\n"
        "## In every project\n\n"
        f"{_table(['middleware', 'what it does'], always)}\n"
        "## The catalogue\n\n"
        "`fastgen add middleware NAME` adds one of these; another name gives a tested skeleton."
        "\n\n"
        f"{_table(['middleware', 'what it does'], added)}"
    )


@dataclass(frozen=True, slots=True)
class Group:
    """Settings that one comment of `.env.example` describes."""

    comment: str
    settings: Mapping[str, str]
    """The default of each."""


def groups(text: str) -> list[Group]:
    """The settings of a block of `.env.example`."""
    found: list[Group] = []
    comment: list[str] = []
    settings: dict[str, str] = {}
    for line in [*text.splitlines(), "#"]:
        if line.startswith("#") or not line:
            if settings:
                found.append(Group(" ".join(comment), settings))
                comment, settings = [], {}
            comment = [*comment, line[1:].strip()] if line else []
        else:
            name, _, value = line.partition("=")
            settings[name] = value.strip('"')
    return found


def _groups(contribution: Contribution) -> list[Group]:
    return groups(contribution.environment)


def _settings_page() -> str:
    sections = [("Every project", groups(render(())[".env.example"]))]
    for pattern in all_patterns():
        sections.append((f"The pattern `{pattern.name}`", _groups_of(pattern)))
        sections.extend(
            (f"The engine `{choice.name}` of `{pattern.name}`", _groups_of(choice))
            for choice in all_choices(pattern)
        )
    choices = [choice for pattern in all_patterns() for choice in all_choices(pattern)]
    for foundation in all_foundations():
        users = [
            each.name
            for each in (*all_patterns(), *choices)
            if foundation.name in _foundations(each)
        ]
        sections.append((f"Shared by {_codes(users)}", _groups_of(foundation)))
    sections += [(f"The extra `{extra.name}`", _groups_of(extra)) for extra in all_extras()]
    sections += [
        (f"The middleware `{name}`", groups("\n".join(find(name).environment))) for name in known()
    ]
    text = "".join(
        f"\n## {title}\n\n{_table(['setting', 'default', 'meaning'], map(_row, found))}"
        for title, found in sections
        if found
    )
    return SETTINGS + text


def _foundations(part: Pattern) -> set[str]:
    meetings = part.meetings.values()
    return {*part.foundations, *(name for one in meetings for name in one.foundations)}


def _groups_of(part: Pattern) -> list[Group]:
    return [each for one in (part.contributes, *part.meetings.values()) for each in _groups(one)]


def _row(group: Group) -> list[str]:
    defaults = (f"`{value}`" if value else "" for value in group.settings.values())
    names = (f"`{name}`" for name in group.settings)
    return ["<br>".join(names), "<br>".join(defaults), group.comment]


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _table(columns: list[str], rows: Iterable[list[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "".join(
        f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines
    )


if __name__ == "__main__":
    sys.exit(build())
