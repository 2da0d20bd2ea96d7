"""The order of operations: the same for the same set of them, however git merged their files."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace

from fastgen.project.operations import Operation


def ordered(operations: Iterable[Operation]) -> tuple[Operation, ...]:
    """The operations in order of replay.

    Each comes after those that it needs and after the one that its `after` names. Operations with
    the same `after` go by ID, each followed by all that come after it. An `after` that names none
    of the operations means the start.

    Raises:
        ValueError: operations need each other.
    """
    known = {one.id: one for one in sorted(operations, key=lambda one: one.id)}
    needs = {id_: one.needs & known.keys() for id_, one in known.items()}
    parents = _parents(known, needs)
    paths = {id_: _path(id_, parents) for id_ in known}
    first = {id_: {*needs[id_], *paths[id_][:-1]} for id_ in known}
    waiting = sorted(known, key=paths.__getitem__)
    done: dict[str, Operation] = {}
    while waiting:
        ready = next((id_ for id_ in waiting if first[id_] <= done.keys()), None)
        if ready is None:
            circle = [id_ for id_ in waiting if _is_before(id_, id_, needs)]
            raise ValueError(f"{' and '.join(f'`{id_}`' for id_ in circle)} need each other")
        waiting.remove(ready)
        done[ready] = known[ready]
    return tuple(done.values())


def linked(operations: Sequence[Operation]) -> tuple[Operation, ...]:
    """The operations with each `after` such that the given order is theirs.

    An `after` is replaced only if the order would be another one.
    """
    if ordered(operations) == tuple(operations):
        return tuple(operations)
    before = ("", *(one.id for one in operations))
    return ordered(replace(one, after=id_) for one, id_ in zip(operations, before, strict=False))


def _parents(known: Mapping[str, Operation], needs: Mapping[str, Set[str]]) -> Mapping[str, str]:
    """For each operation the one that it follows by `after`; none for those at the start.

    People who resolve conflicts can make a circle of `after`, or one that contradicts `needs`.
    Then, in order of IDs, an `after` that would close a circle is ignored.
    """
    before = {id_: set(needed) for id_, needed in needs.items()}
    parents: dict[str, str] = {}
    for id_, one in known.items():
        is_circle = one.after == id_ or _is_before(id_, one.after, before)
        if one.after in known and not is_circle:
            parents[id_] = one.after
            before[id_].add(one.after)
    return parents


def _is_before(id_: str, other: str, before: Mapping[str, Set[str]]) -> bool:
    """Whether one operation comes before another by any number of steps."""
    seen: set[str] = set()
    further = [*before.get(other, ())]
    while further:
        step = further.pop()
        if step not in seen:
            seen.add(step)
            further += before[step]
    return id_ in seen


def _path(id_: str, parents: Mapping[str, str]) -> tuple[str, ...]:
    """The IDs from the start to an operation; sorted paths put each below its parent."""
    path = [id_]
    while path[-1] in parents:
        path.append(parents[path[-1]])
    return tuple(reversed(path))
