"""Resources with all their fields: those of their router, and those that were added later."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from fastgen.project.operations import Operation


def complete(operations: Iterable[Operation]) -> tuple[Operation, ...]:
    """The operations without those of fields, each router with the fields that belong to it.

    A field whose router is not recorded, as after a merge of branches, is left out.
    """
    every = tuple(operations)
    added: dict[str, list[str]] = {}
    for one in every:
        if one.kind == "field":
            added.setdefault(one.name.partition(".")[0], []).append(one.text("field"))
    return tuple(
        _with(one, added.get(one.name, []) if one.kind == "router" else [])
        for one in every
        if one.kind != "field"
    )


def in_order_of_references(operations: Iterable[Operation]) -> tuple[Operation, ...]:
    """The same operations, each behind those that it refers to, else in the same order."""
    waiting = [*operations]
    known, done = {one.id for one in waiting}, dict[str, Operation]()
    while waiting:
        ready = next((one for one in waiting if one.needs & known <= done.keys()), waiting[0])
        waiting.remove(ready)
        done[ready.id] = ready
    return tuple(done.values())


def _with(router: Operation, fields: Sequence[str]) -> Operation:
    before = router.options.get("fields")
    if not fields or not isinstance(before, tuple):
        return router
    return replace(router, options={**router.options, "fields": (*before, *fields)})
