"""Reading what the server answered: the metrics in an answer, and values of the kinds that the rest relies on.

All functions of `flowkit.results` take an answer as a whole reply or as its data. What FATE sends is JSON made from
Python and from protobuf, so a count may be the text ``"57"`` and a number the text ``"NaN"``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

from flowkit.errors import ArgumentError

__all__ = [
    "Metric",
    "Source",
    "holds_metrics",
    "integer",
    "mapping_at",
    "mappings_at",
    "number",
    "numbers",
    "payload",
    "read_metric_names",
    "read_metrics",
    "sequence_at",
    "source_of",
    "texts",
]

#: A reply, or the data of one.
Source = Mapping[str, Any]


@dataclass(frozen=True, slots=True, repr=False)
class Metric:
    """One metric of a component, as FATE stores it.

    Attributes:
        namespace: what set of data it was measured on: ``train``, ``validate``, ``predict``; some
            components have namespaces of their own (``reader_namespace``, ``sample_count``).
        name: its name, such as ``loss`` or ``hetero_lr_0_roc``.
        metric_type: FATE's type, such as ``LOSS`` or ``ROC_EVALUATION``: what decides about its form.
        data: pairs of a key and a value, in the order of the server.
        meta: what describes them, ``name`` and ``metric_type`` among it; tables (confusion matrix,
            PSI) stand here whole and have no data.
    """

    namespace: str
    name: str
    metric_type: str
    data: tuple[tuple[Any, Any], ...]
    meta: Mapping[str, Any]

    def __repr__(self) -> str:
        shown = f"{self.namespace} {self.name} ({self.metric_type})"
        return f"<{type(self).__name__} {shown}: {len(self.data)} values>"


def payload(answer: Source | None, argument: str = "answer") -> Mapping[str, Any]:
    """Return the data of an answer, which may be the reply or its data already; empty when there are none.

    Raises:
        ArgumentError: it is neither.
    """
    data: Any = answer
    if isinstance(answer, Mapping) and "retcode" in answer:
        data = answer.get("data")
    if data is None:
        return {}
    if not isinstance(data, Mapping):
        raise _odd(argument, data, "a reply of flowkit, or its data, a mapping")
    return data


def read_metrics(answer: Source | None) -> tuple[Metric, ...]:
    """Return all metrics in an answer of ``component.metric_all`` or ``component.metric_data``.

    An answer of the latter needs to be the whole reply: its data are the pairs, and its ``meta`` says what they are.
    The namespace of such a metric is not part of the answer, and is empty here.

    Raises:
        ArgumentError: the answer has another form.
    """
    if isinstance(answer, Mapping) and isinstance(answer.get("data"), list) and "meta" in answer:
        return (_metric("", str(mapping_at(answer, "meta").get("name") or ""), answer),)
    found = []
    for namespace, named in payload(answer, "metrics").items():
        if not isinstance(named, Mapping):
            raise _odd(f"metrics.{namespace}", named, "metrics by name, as component.metric_all")
        found += [_metric(namespace, name, metric) for name, metric in named.items()]
    return tuple(found)


def holds_metrics(data: Any) -> TypeGuard[Mapping[str, Any]]:
    """Return whether these are the data of ``component.metric_all``: by their form, without reading them."""
    return (
        isinstance(data, Mapping)
        and bool(data)
        and all(
            isinstance(named, Mapping)
            and bool(named)
            and all(
                isinstance(one, Mapping) and {"data", "meta"} <= one.keys()
                for one in named.values()
            )
            for named in data.values()
        )
    )


def read_metric_names(answer: Source | None) -> tuple[tuple[str, str], ...]:
    """Return namespace and name of each metric in an answer of ``component.metrics``.

    Raises:
        ArgumentError: the answer has another form.
    """
    return tuple(
        (namespace, str(name))
        for namespace, names in payload(answer, "metrics").items()
        for name in sequence_at({namespace: names}, namespace)
    )


def source_of(metric: Metric, suffix: str) -> str:
    """Return what a metric is about: its name without `suffix`.

    For an evaluation that is the component evaluated, for a validation while training the iteration, and for a
    cross validation the fold: ``hetero_lr_0``, ``iteration_3``, ``train_fold_0``.
    """
    return metric.name.removesuffix(suffix)


def number(value: Any, where: str) -> float:
    """Return a number, which may have been written as a text.

    Raises:
        ArgumentError: it is none.
    """
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        try:
            return float(value)
        except (ValueError, OverflowError):
            pass
    raise _odd(where, value, "a number")


def integer(value: Any, where: str) -> int:
    """Return a whole number, which may have been written as a text.

    Raises:
        ArgumentError: it is none.
    """
    found = number(value, where)
    if not found.is_integer():  # neither is infinity, nor NaN
        raise _odd(where, value, "a whole number")
    return int(found)


def numbers(values: Any, where: str) -> tuple[float, ...]:
    """Return a list of numbers; nothing for None.

    Raises:
        ArgumentError: it is no list, or one of its values is no number.
    """
    return tuple(number(value, where) for value in sequence_at({where: values}, where))


def texts(values: Any, where: str) -> tuple[str, ...]:
    """Return a list of texts; nothing for None.

    Raises:
        ArgumentError: it is no list.
    """
    return tuple(str(value) for value in sequence_at({where: values}, where))


def mapping_at(source: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return the mapping under a name; an empty one when there is none.

    Raises:
        ArgumentError: something else stands there.
    """
    value = source.get(name)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise _odd(name, value, "a mapping")
    return value


def sequence_at(source: Mapping[str, Any], name: str) -> Sequence[Any]:
    """Return the list under a name; an empty one when there is none.

    Raises:
        ArgumentError: something else stands there.
    """
    value = source.get(name)
    if value is None:
        return ()
    if not isinstance(value, Sequence) or isinstance(value, str | bytes):
        raise _odd(name, value, "a list")
    return value


def mappings_at(source: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    """Return the list of mappings under a name; an empty one when there is none.

    Raises:
        ArgumentError: something else stands there.
    """
    found = sequence_at(source, name)
    for place, entry in enumerate(found):
        if not isinstance(entry, Mapping):
            raise _odd(f"{name}[{place}]", entry, "a mapping")
    return found


def _metric(namespace: str, name: str, document: Any) -> Metric:
    if not isinstance(document, Mapping):
        raise _odd(f"metrics.{namespace}.{name}", document, "a mapping with data and meta")
    meta = mapping_at(document, "meta")
    data = tuple(_pairs(sequence_at(document, "data"), f"metrics.{namespace}.{name}"))
    return Metric(namespace, name, str(meta.get("metric_type") or ""), data, meta)


def _pairs(data: Sequence[Any], where: str) -> Iterator[tuple[Any, Any]]:
    for pair in data:
        if not isinstance(pair, Sequence) or isinstance(pair, str) or len(pair) != 2:
            raise _odd(where, pair, "a pair of a key and a value")
        yield pair[0], pair[1]


def _odd(where: str, value: Any, expected: str) -> ArgumentError:
    shown = repr(value)
    shown = shown if len(shown) <= 60 else shown[:57] + "..."
    return ArgumentError(
        f"{where}: expected {expected}, not {shown}; is this the answer of another operation?",
        argument=where,
        value=value,
    )
