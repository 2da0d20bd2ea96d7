"""Names of resources, in the forms in which the files of a resource need them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fastgen.errors import BadInput
from fastgen.names import reserved
from fastgen.names.display import shown
from fastgen.names.plurals import singular_of

MAX_LENGTH = 32

_PATTERN = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class ResourceName:
    """The plural and the singular of a resource, such as `order_lines` and `order_line`."""

    plural: str
    singular: str

    @classmethod
    def of(cls, plural: str, singular: str = "") -> "ResourceName":
        """Check a name as it was typed; `-` between words is read as `_`.

        Args:
            plural: names the table, the module of the routes, and the path.
            singular: names the model and its modules; derived from the plural if empty.

        Raises:
            BadInput: one of the forms is not possible, or the singular cannot be derived.
        """
        if problem := _form_problem(plural):
            raise _impossible(plural, problem)
        plural = normalize(plural)
        singular = normalize(singular) or singular_of(plural) or ""
        hint = f"Use the plural as NAME, or add `--singular {_example(plural)}`."
        if not singular:
            raise BadInput(f"Cannot derive the singular of `{plural}`; pass `--singular`.", hint)
        if singular == plural:
            raise BadInput(f"The singular of `{plural}` must be another word.", hint)
        if problem := _form_problem(singular) or _model_problem(singular):
            raise _impossible(plural, problem, f" with the singular {shown(singular)}")
        return cls(plural, singular)

    @property
    def model(self) -> str:
        """The class of one row: `OrderLine`."""
        return class_name(self.singular)

    @property
    def url(self) -> str:
        """The segment of the path, and the prefix of the scopes: `order-lines`."""
        return self.plural.replace("_", "-")

    @property
    def is_regular(self) -> bool:
        """Whether the singular is the one that is derived from the plural."""
        return singular_of(self.plural) == self.singular

    def forms(self) -> dict[str, str]:
        """All forms, by the names that templates and their manifest use."""
        return {
            "plural": self.plural,
            "singular": self.singular,
            "model": self.model,
            "url": self.url,
        }


def normalize(name: str) -> str:
    """`order-lines` -> `order_lines`."""
    return name.replace("-", "_")


def class_name(name: str) -> str:
    """`order_line` -> `OrderLine`."""
    return "".join(word.capitalize() for word in name.split("_"))


def _form_problem(form: str) -> str:
    """The reason why the word can be no plural or singular; empty if it can."""
    if len(form) > MAX_LENGTH:
        return f"it is longer than {MAX_LENGTH} characters"
    if not _PATTERN.fullmatch(form):
        return "use lower-case ASCII letters and digits, with single `_` between, letter first"
    word = normalize(form)
    if reserved.is_builtin(word):
        return "it is a builtin of Python"
    if word in reserved.RESOURCE_FILES or word.endswith("_repository"):
        return "the files of a resource use that name"
    if word.startswith("sqlite_"):
        return "SQLite reserves tables whose names begin with `sqlite_`"
    return reserved.reason(word)


def _model_problem(singular: str) -> str:
    model = class_name(singular)
    return f"`{model}` is a builtin of Python" if reserved.is_builtin(model) else ""


def _impossible(name: str, problem: str, which: str = "") -> BadInput:
    return BadInput(
        f"{shown(name)} cannot be the name of a resource{which}: {problem}.",
        f"Try `{next(_suggestions(name))}`.",
    )


def _suggestions(name: str) -> Iterator[str]:
    """Similar names that are possible as they are."""
    words = re.findall(r"[a-z0-9]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower())
    while len("_".join(words)) > MAX_LENGTH - 6 and len(words) > 1:
        words.pop(1)  # the last word is the one in the plural
    slug = "_".join(words)[: MAX_LENGTH - 6]
    for candidate in (slug, f"{slug}s", f"shop_{slug}", f"{slug}_items", "orders"):
        singular = singular_of(candidate)
        if singular and not (
            _form_problem(candidate) or _form_problem(singular) or _model_problem(singular)
        ):
            yield candidate


def _example(plural: str) -> str:
    """A word that could be the singular, to show the option."""
    candidate = f"{plural}_item"[-MAX_LENGTH:].lstrip("_")
    return "item" if _form_problem(candidate) else candidate
