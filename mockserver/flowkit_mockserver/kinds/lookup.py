"""Finding a component kind by its name.

The kinds that come with the mock are found by the names of their files: ``HeteroLR`` is in ``hetero_lr.py``, in the
folder of its family. A file is read when its kind is asked for first. Kinds that were added come next, and those that
installed distributions offer as entry points of the group ``flowkit.kinds`` last.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pkgutil import iter_modules
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import flowkit_mockserver.kinds as kinds
from flowkit_mockserver.errors import Refusal

if TYPE_CHECKING:
    from flowkit_mockserver.kinds.kind import Kind

__all__ = [
    "ENTRY_POINTS",
    "add_kinds",
    "all_kinds",
    "find_kind",
    "find_kind_in_any_letters",
    "is_added",
    "reads_table",
    "remove_kinds",
    "stands_alone",
]

#: The group of entry points under which a distribution offers kinds, each by the name that a DSL uses.
ENTRY_POINTS = "flowkit.kinds"

_known: dict[str, Kind] = {}
_added: dict[str, Kind] = {}
_uses: Counter[str] = Counter()  # how many servers brought each of the added
_adding = threading.Lock()


def find_kind(name: str) -> Kind | None:
    """Return the kind of a name, spelled exactly as a DSL of any line spells it; None if there is none.

    Raises:
        Refusal: a distribution offers the kind but cannot deliver it.
    """
    found = _known.get(name) or _added.get(name)
    if found is None:
        found = _bundled(name) or _offered(name)
        if found is not None:
            _known[name] = found
    return found


def find_kind_in_any_letters(name: str) -> Kind | None:
    """Return the kind that has this name in any letters, such as ``heterolr``; None if there is none."""
    module = _bundled_modules().get(name.lower())
    if module is not None:
        return _kind_in(module)
    names = [*_added, *_offers()]
    return next((find_kind(found) for found in names if found.lower() == name.lower()), None)


def reads_table(module: object) -> bool:
    """Say whether the module that a component names stands for a table of the conf, as a Reader does."""
    kind = find_kind(module) if isinstance(module, str) else None
    return kind is not None and kind.reads_table


def stands_alone(module: object) -> bool:
    """Say whether components of a kind know nothing of what other jobs do but the tables that they are told to read."""
    try:
        kind = find_kind(module) if isinstance(module, str) else None
    except Refusal:  # said where it matters
        return False
    return kind is not None and (kind.reads_table or not kind.in_server)


def all_kinds() -> list[Kind]:
    """Return all kinds, sorted by name.

    Raises:
        Refusal: a distribution offers a kind but cannot deliver it.
    """
    bundled = [kind for module in _bundled_modules().values() if (kind := _kind_in(module))]
    offered = [kind for name in _offers() if (kind := find_kind(name))]
    by_name = {kind.name: kind for kind in (*bundled, *_added.values(), *offered)}
    return [by_name[name] for name in sorted(by_name)]


def add_kinds(added: Iterable[Kind]) -> tuple[Kind, ...]:
    """Add kinds to those of this process, until `remove_kinds` has been called as often.

    Returns:
        the kinds, for `remove_kinds`.

    Raises:
        TypeError: something is no `Kind`.
        ValueError: there is another kind of the same name.
    """
    from flowkit_mockserver.kinds.kind import Kind

    wanted = tuple(added)
    for kind in wanted:
        if not isinstance(kind, Kind):
            raise TypeError(f"kinds: {kind!r} is no flowkit_mockserver.Kind")
    with _adding:
        for kind in wanted:
            present = find_kind(kind.name)
            if present not in (None, kind):
                raise ValueError(
                    f"kinds: there is a kind {kind.name} already, run by {present.algorithm};"
                    " give yours another name, or close the server that brought the other"
                )
        for kind in wanted:
            _added[kind.name] = kind
            _uses[kind.name] += 1
    return wanted


def is_added(name: str) -> bool:
    """Say whether a kind was added to those of this process, so that no other process has it."""
    return name in _added


def remove_kinds(added: Iterable[Kind]) -> None:
    """Take kinds away that were added, unless somebody else has added them, too."""
    with _adding:
        for kind in added:
            _uses[kind.name] -= 1
            if _uses[kind.name] <= 0:
                _uses.pop(kind.name)
                _added.pop(kind.name, None)


@cache
def _bundled_modules() -> Mapping[str, str]:
    """Return where the kinds of the mock are: name in small letters → module."""

    def modules() -> Iterator[tuple[str, str]]:
        for family in iter_modules(kinds.__path__, f"{kinds.__name__}."):
            if family.ispkg:
                folder = import_module(family.name)
                for found in iter_modules(folder.__path__):
                    yield found.name.replace("_", ""), f"{family.name}.{found.name}"

    return MappingProxyType(dict(modules()))


def _bundled(name: str) -> Kind | None:
    module = _bundled_modules().get(name.lower())
    kind = None if module is None else _kind_in(module)
    return kind if kind is not None and name in {kind.name, kind.later_name} else None


def _kind_in(module: str) -> Kind | None:
    # A family's common rules stand in a module that holds no kind.
    kind: Kind | None = getattr(import_module(module), "KIND", None)
    return kind


@cache
def _offers() -> Mapping[str, EntryPoint]:
    return MappingProxyType({offer.name: offer for offer in entry_points(group=ENTRY_POINTS)})


def _offered(name: str) -> Kind | None:
    offer = _offers().get(name)
    if offer is None:
        return None
    distribution = f"{offer.dist.name} {offer.dist.version}" if offer.dist else offer.value
    try:
        kind: Any = offer.load()
    # A distribution of somebody else can fail to be imported in any way; the job that needs it is refused.
    except Exception as problem:
        raise Refusal(
            f"the kind {name} of {distribution} cannot be loaded: {problem!r}"
        ) from problem
    from flowkit_mockserver.kinds.kind import Kind

    if not isinstance(kind, Kind) or kind.name != name:
        raise Refusal(f"{distribution} offers {offer.value} as the kind {name}, which it is not")
    return kind
