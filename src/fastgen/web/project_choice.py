"""The choice of a project: a query, checked by the rules of the command line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from fastgen import __version__
from fastgen.errors import BadInput
from fastgen.names.project_names import check_project_name, default_title
from fastgen.project import extras, patterns
from fastgen.project.answer_texts import check_text, default_description
from fastgen.project.choices import choose_one
from fastgen.project.operations import EXAMPLES, Operation
from fastgen.project.ordering import linked
from fastgen.project.request import Answers
from fastgen.project.state import State
from fastgen.project.state_files import state_document, state_files
from fastgen.web.faults import BadChoice, Fault, Faults
from fastgen.web.router_order import Routers, in_order_of_references
from fastgen.web.router_parameters import MAX_ROUTERS, read_router

SINGLE = ("name", "title", "description", "author", "queue")
REPEATED = ("patterns", "extras", "router", "not_owned")
MAX_PARAMETERS = len(SINGLE) + len(REPEATED) + 2 * MAX_ROUTERS

Parameters = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Choice:
    """A project that can be made, and what was asked for."""

    answers: Answers
    requested: tuple[str, ...]
    """The patterns that were asked for; the project has those that they need too."""
    extras: tuple[str, ...] = ()
    routers: Routers = field(default_factory=dict)
    """In the order in which they are added."""

    @property
    def state(self) -> State:
        """The state of the new project, before the routers are added."""
        added = (Operation("extra", name) for name in self.extras)
        return State(__version__, self.answers, linked((*EXAMPLES, *added)))

    @property
    def document(self) -> str:
        """The project as a file for `fastgen new --from`."""
        state = self.state
        for router in self.routers.values():
            state = state.with_operation(router)
        return state_document(state)

    @property
    def key(self) -> str:
        """Equal for choices that make the same project."""
        return "".join([*state_files(self.state).values(), *map(repr, self.routers.values())])


def read_choice(query: bytes, *further: str) -> tuple[Choice, Parameters]:
    """Check a query.

    Args:
        query: as it is in the URL.
        further: names of parameters that are not part of the choice.

    Returns:
        The choice, and all parameters.

    Raises:
        BadChoice: with all faults that can be seen without rendering.
    """
    parameters = _parameters(query, further)
    faults = Faults()
    name = faults.check(("name",), "app", _name, parameters)
    title = faults.check(("title",), "", _text, parameters, "title", default_title(name))
    purpose = default_description(title)
    requested = faults.check(("patterns",), None, _patterns, parameters)
    complete = patterns.with_needs(requested or ())
    chosen = None if requested is None else complete
    answers = Answers(
        name=name,
        title=title,
        description=faults.check(("description",), "", _text, parameters, "description", purpose),
        author=faults.check(("author",), "", _text, parameters, "author", ""),
        patterns=complete,
        queue=faults.check(("queue",), "", _queue, parameters, chosen),
    )
    added = faults.check(("extras",), (), _extras, parameters, chosen)
    routers = _routers(parameters.get("router", ()), _listed(parameters, "not_owned"), faults)
    faults.end()
    return Choice(answers, requested or (), added, routers), parameters


def _parameters(query: bytes, further: Sequence[str]) -> Parameters:
    try:
        pairs = parse_qsl(
            query.decode(),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MAX_PARAMETERS,
        )
    except UnicodeError:
        raise BadChoice([Fault((), "The query is not valid UTF-8.", "Encode it again.")]) from None
    except ValueError:
        raise BadChoice(
            [Fault((), f"The query has more than {MAX_PARAMETERS} parameters.", "Leave some out.")]
        ) from None
    parameters: dict[str, list[str]] = {}
    for key, value in pairs:
        parameters.setdefault(key, []).append(value)
    single, known = {*SINGLE, *further}, (*SINGLE, *REPEATED)
    faults = [
        Fault((key,), f"`{key}` is given twice.", "Give it once.")
        for key, values in parameters.items()
        if key in single and len(values) > 1
    ]
    faults += [
        Fault((), f"`{key[:40]}` is not a parameter.", f"Choose from: {', '.join(known)}.")
        for key in parameters
        if key not in (*known, *further)
    ]
    Faults(faults).end()
    return parameters


def _name(parameters: Parameters) -> str:
    if "name" not in parameters:
        raise BadInput("The name of the project is missing.", "Add `name=NAME`.")
    return check_project_name(parameters["name"][0])


def _text(parameters: Parameters, option: str, default: str) -> str:
    return check_text(option, parameters.get(option, [default])[0])


def _patterns(parameters: Parameters) -> tuple[str, ...]:
    lists = parameters.get("patterns")
    return patterns.defaults() if lists is None else patterns.choose(lists)


def _extras(parameters: Parameters, chosen: Sequence[str] | None) -> tuple[str, ...]:
    found = extras.choose(_listed(parameters, "extras"))
    if chosen is not None:  # else the patterns have a fault of their own
        extras.check_needs(found, chosen)
    return found


def _listed(parameters: Parameters, key: str) -> list[str]:
    names = (name for text in parameters.get(key, ()) for name in text.split(","))
    return [*filter(None, names)]


def _queue(parameters: Parameters, chosen: Sequence[str] | None) -> str:
    if chosen is None:
        return ""
    return choose_one("queue", parameters.get("queue", [""])[0] or None, chosen)


def _routers(texts: Sequence[str], not_owned: Sequence[str], faults: Faults) -> Routers:
    if len(texts) > MAX_ROUTERS:
        message = f"There are {len(texts)} routers; the maximum is {MAX_ROUTERS}."
        faults.found.append(
            Fault(("router",), message, "Add the others with `fastgen add router`.")
        )
        return {}
    found: dict[int, Operation] = {}
    shared = {name.replace("-", "_") for name in not_owned}
    for index, text in enumerate(texts):
        router = read_router(text, index, faults, shared)
        if router is not None and router.name in [one.name for one in found.values()]:
            message = f"There are two routers called `{router.name}`."
            faults.found.append(Fault(("router", index, "name"), message, "Rename one of them."))
        elif router is not None:
            found[index] = router
    unknown = sorted(shared.difference(router.name for router in found.values()))
    if unknown and len(found) == len(texts):
        message = f"`{unknown[0][:40]}` is not a router of this project."
        faults.found.append(Fault(("not_owned",), message, "Name a router, or leave it out."))
    return in_order_of_references(found, faults)
