"""Which names are possible, and which name to propose instead of one that is not."""

import builtins
import keyword
import re
import sys
from dataclasses import dataclass

from fastgen.errors import BadInput

MAX_PROJECT_NAME = 64
MAX_RESOURCE_NAME = 32

_PROJECT_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_][A-Za-z0-9]+)*")
_RESOURCE_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")

LAYERS = frozenset(
    "api app core dependencies docs middleware migrations models repositories schemas scripts "
    "services templates tests v1 workers".split()
)
"""Folders of a generated project, and words that would be taken for one."""

REQUIREMENTS = frozenset(
    "aiosqlite alembic annotated-types anyio argon2-cffi argon2-cffi-bindings asgi-lifespan "
    "asyncpg cashews coverage deprecated dnspython email-validator fakeredis fastapi fastapi-cli "
    "fastgen greenlet h11 httpcore httptools httpx httpx2 idna import-linter jinja2 limits "
    "markdown-it-py mypy opentelemetry-api packaging polyfactory pre-commit pwdlib pydantic "
    "pydantic-core pydantic-extra-types pydantic-settings pyjwt pytest pytest-asyncio pytest-cov "
    "pytest-xdist python-dotenv python-multipart pyyaml redis rich ruff schemathesis sniffio "
    "sqlalchemy starlette structlog taskiq taskiq-fastapi taskiq-redis typer typing-extensions "
    "uvicorn uvloop watchfiles websockets wrapt".split()
)
"""Distributions that a generated project installs: it cannot depend on its own name."""

WINDOWS_DEVICES = frozenset(
    ["aux", "con", "nul", "prn", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))]
)

USED_IN_SLICES = frozenset(
    "big_integer boolean check_reference collection column cursor data date double exact "
    "foreign_key found index j_s_o_n l mapping query repository request response router row "
    "rows self sequence status str_enum tell_created tell_version timestamp u_u_i_d versions "
    "walk web".split()
)
"""What the files of a resource call something else, as a variable or as a class."""

_TAKEN_BY_PYTHON = frozenset(
    name.lower()
    for name in (
        *keyword.kwlist,
        *keyword.softkwlist,
        *sys.stdlib_module_names,
        "test",
    )
)


def check_project_name(name: str) -> str:
    """The name, if a project can have it.

    Raises:
        BadInput: with the rule that it breaks, and a name that would do.
    """
    if problem := _project_problem(name):
        raise BadInput(f"{_shown(name)} cannot be the name of a project: {problem}.", _hint(name))
    return name


def _project_problem(name: str) -> str:
    if len(name) > MAX_PROJECT_NAME:
        return f"it is longer than {MAX_PROJECT_NAME} characters"
    if not _PROJECT_NAME.fullmatch(name):
        return "a name is ASCII letters and digits, with single `-` or `_` between, letter first"
    return _meaning(name)


def _meaning(name: str) -> str:
    """What the name already stands for, if anything."""
    known = name.lower().replace("_", "-")
    if known.replace("-", "_") in _TAKEN_BY_PYTHON:
        return "it means something in Python already"
    if known in REQUIREMENTS:
        return "the project will depend on a distribution that is called so"
    if known in LAYERS:
        return "a folder of the project is called so"
    if known in WINDOWS_DEVICES:
        return "it is the name of a device on Windows"
    return ""


def taken_by_python(word: str) -> bool:
    """Whether a word is a keyword, a builtin, or a module of the standard library."""
    return word in _TAKEN_BY_PYTHON or hasattr(builtins, word)


def _hint(name: str) -> str:
    words = re.findall(r"[A-Za-z0-9]+", name)
    slug = "-".join(words).lower()[:40].strip("-")
    candidates = [slug, f"{slug}-api", f"my-{slug}", f"app-{slug}", "my-api"]
    return f"Try `{next(name for name in candidates if not _project_problem(name))}`."


def _shown(name: str) -> str:
    """The name as it can be printed: short, and with every odd character visible."""
    visible = "".join(char if " " <= char <= "~" else ascii(char)[1:-1] for char in name)
    return f"`{visible[:40]}...`" if len(visible) > 43 else f"`{visible}`"


def default_title(name: str) -> str:
    """`my-app` -> `My app`."""
    words = re.sub(r"[-_]+", " ", name)
    return words[:1].upper() + words[1:]


@dataclass(frozen=True, slots=True)
class ResourceName:
    """The forms of a resource's name: `order_lines`, `order_line`, `OrderLine`."""

    plural: str
    singular: str

    @classmethod
    def of(cls, plural: str, singular: str | None = None) -> "ResourceName":
        """The forms of a plural; `singular` is for words that have a form of their own.

        Raises:
            BadInput: a form cannot be a name, or there is no telling the singular.
        """
        if problem := _resource_problem(plural, singular):
            raise BadInput(
                f"{_shown(plural)} cannot be the name of a resource: {problem}.",
                _resource_hint(plural),
            )
        singular = singular or singular_of(plural)
        if singular == plural:
            raise BadInput(
                f"There is no telling the singular of {_shown(plural)}.",
                "Give the plural as NAME, and the singular by `--singular`.",
            )
        return cls(plural, singular)

    @classmethod
    def natural(cls, plural: str) -> "ResourceName":
        """The forms by the rules of English."""
        return cls(plural, singular_of(plural))

    @property
    def model(self) -> str:
        """The name of the class of one."""
        return "".join(word.capitalize() for word in self.singular.split("_"))

    @property
    def url(self) -> str:
        """The name in a path."""
        return self.plural.replace("_", "-")

    def forms(self) -> dict[str, str]:
        """All of them, as templates name them."""
        return {
            "plural": self.plural,
            "singular": self.singular,
            "model": self.model,
            "url": self.url,
        }


def _resource_problem(plural: str, singular: str | None = None) -> str:
    if problem := _word_problem(plural):
        return problem
    singular = singular or singular_of(plural)
    problem = _word_problem(singular)
    return f"of its singular {_shown(singular)}, {problem}" if problem else ""


def _word_problem(word: str) -> str:
    if len(word) > MAX_RESOURCE_NAME:
        return f"it is longer than {MAX_RESOURCE_NAME} characters"
    if not _RESOURCE_NAME.fullmatch(word):
        return "a name is small ASCII letters and digits, with single `_` between, letter first"
    if hasattr(builtins, word):
        return "Python has a builtin that is called so"
    if word in USED_IN_SLICES or word.endswith("_repository"):
        return "the files of a resource use this word for something else"
    return _meaning(word)


def _resource_hint(name: str) -> str:
    words = re.findall(r"[a-z0-9]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower())
    slug = "_".join(words)[: MAX_RESOURCE_NAME - 6].strip("_")
    candidates = [slug, f"{slug}s", f"shop_{slug}", f"{slug}_items", "orders"]
    fine = (
        word for word in candidates if not _resource_problem(word) and singular_of(word) != word
    )
    return f"Try `{next(fine)}`."


_IRREGULAR = {
    "analyses": "analysis",
    "caches": "cache",
    "children": "child",
    "cookies": "cookie",
    "criteria": "criterion",
    "data": "datum",
    "feet": "foot",
    "geese": "goose",
    "heroes": "hero",
    "indices": "index",
    "knives": "knife",
    "leaves": "leaf",
    "lives": "life",
    "matrices": "matrix",
    "media": "medium",
    "men": "man",
    "mice": "mouse",
    "movies": "movie",
    "news": "news",
    "people": "person",
    "potatoes": "potato",
    "quizzes": "quiz",
    "series": "series",
    "shelves": "shelf",
    "species": "species",
    "teeth": "tooth",
    "tomatoes": "tomato",
    "vertices": "vertex",
    "wives": "wife",
    "women": "woman",
}
_ENDINGS = (
    (re.compile(r"([^aeiou])ies$"), r"\1y"),
    (re.compile(r"(ss|sh|ch|x|[^ao]us)es$"), r"\1"),
    (re.compile(r"([^su])s$"), r"\1"),
)


def singular_of(plural: str) -> str:
    """The singular of an English plural, judged by its last word; the plural if it has none."""
    *words, last = plural.split("_")
    for ending, singular in _ENDINGS:
        if last in _IRREGULAR:
            last = _IRREGULAR[last]
            break
        if ending.search(last):
            last = ending.sub(singular, last)
            break
    return "_".join([*words, last])
