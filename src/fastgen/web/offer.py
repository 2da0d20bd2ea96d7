"""The choices on the page, from the same data as the command line."""

import re
from collections.abc import Mapping
from typing import Any

from fastgen import __version__
from fastgen.project import extras, patterns
from fastgen.project.answer_texts import MAX_CHARACTERS
from fastgen.project.choices import choices_of
from fastgen.project.contributions import Contribution
from fastgen.project.patterns import Pattern
from fastgen.rendering.hubs import API
from fastgen.resources.fields import parser
from fastgen.resources.fields.types import FIELD_TYPES, FieldType
from fastgen.web.router_parameters import MAX_FIELDS, MAX_ROUTERS

_SETTING = re.compile(r"^([A-Z][A-Z0-9_]*)=", re.MULTILINE)


def offer() -> dict[str, Any]:
    """The patterns, the extras, the types of fields and the limits, for the form of the page."""
    return {
        "version": __version__,
        "patterns": [_pattern(pattern) for pattern in patterns.all_patterns()],
        "queue": [_pattern(choice) for choice in choices_of("queue")],
        "extras": [_pattern(extra) for extra in extras.all_extras()],
        "types": [_type(name, each) for name, each in FIELD_TYPES.items()],
        "flags": [*parser.FLAGS],
        "limits": {"routers": MAX_ROUTERS, "fields": MAX_FIELDS, **MAX_CHARACTERS},
    }


def _pattern(pattern: Pattern) -> Mapping[str, Any]:
    return {
        "name": pattern.name,
        "summary": pattern.summary,
        "needs": pattern.needs,
        "default": pattern.default,
        **_brings(pattern.contributes),
    }


def _brings(contribution: Contribution) -> Mapping[str, Any]:
    return {
        "packages": [re.split(r"[\[<>=]", text)[0] for text in contribution.requirements],
        "routes": [f"{API}{router.prefix}" for router in contribution.routers if router.prefix],
        "settings": _SETTING.findall(contribution.environment),
    }


def _type(name: str, field_type: FieldType) -> Mapping[str, Any]:
    return {
        "name": name,
        "argument": parser.written(name).removeprefix(name).strip("()"),
        "limits": field_type.bounds is not None and name not in ("enum", "ref"),
        "words": name in ("str", "text"),
        "unique": bool(field_type.unique),
        "index": field_type.is_indexable,
        "default": bool(field_type.default),
        "example": field_type.example,
    }
