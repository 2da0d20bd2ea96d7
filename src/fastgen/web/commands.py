"""The commands that make the project of a choice in a terminal."""

import shlex

from fastgen.names.project_names import default_title
from fastgen.project.answer_texts import default_description
from fastgen.project.choices import choices_of
from fastgen.project.operations import Operation
from fastgen.web.project_choice import Choice


def commands(choice: Choice) -> list[str]:
    """One command a line; texts that are the default are left out."""
    answers = choice.answers
    words = ["fastgen", "new", answers.name, "--with", ",".join(choice.requested) or "none"]
    if answers.queue and answers.queue != choices_of("queue")[0].name:
        words += ["--queue", answers.queue]
    words += [word for name in choice.extras for word in ("--extra", name)]
    if answers.title != default_title(answers.name):
        words += ["--title", answers.title]
    if answers.description != default_description(answers.title):
        words += ["--description", answers.description]
    if answers.author:
        words += ["--author", answers.author]
    enter = [f"cd {answers.name}"] if choice.routers else []
    return [shlex.join(words), *enter, *map(_add_router, choice.routers.values())]


def _add_router(router: Operation) -> str:
    fields = [word for field in router.options["fields"] for word in ("--field", field)]
    singular = ["--singular", router.text("singular")] if "singular" in router.options else []
    owned = ["--not-owned"] if router.text("owned") == "no" else []
    return shlex.join(["fastgen", "add", "router", router.name, *fields, *singular, *owned])
