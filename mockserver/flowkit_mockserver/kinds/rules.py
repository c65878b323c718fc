"""The vocabulary in which the checks of parameter classes are written down.

A check is a tuple of rules that run in order; the first broken one ends it with its text. A rule is
a function of the parameters, which it may normalise for the rules behind it (``"L2"`` for ``"l2"``)
as the real classes do. A text has a ``{}`` for the offending value.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = [
    "Rule",
    "Rules",
    "Test",
    "Values",
    "above",
    "all_or",
    "among",
    "asserted",
    "at_least",
    "boolean",
    "cased",
    "check",
    "decimal",
    "each",
    "each_allowed",
    "each_spelled",
    "either",
    "ensure",
    "given",
    "holds",
    "instance",
    "kind",
    "list_of",
    "listed",
    "lowered",
    "lowered_as_known",
    "need",
    "nested",
    "non_negative",
    "one_of",
    "optional",
    "positive_integer",
    "positive_number",
    "respelled",
    "run",
    "string",
    "taken_from",
    "that_apply",
    "typed",
    "unit_interval",
    "when",
    "whole_at_least",
    "whole_within",
    "within",
]

Values = dict[str, Any]
Rule = Callable[[Values], None]
Rules = Sequence[Rule]
Test = Callable[[Any], bool]


def run(rules: Rules, values: Values) -> None:
    """Check `values` by every rule in order.

    Raises:
        ValueError: with the text of the first rule that is broken.
    """
    for rule in rules:
        rule(values)


def check(rules: Rules, parameters: Mapping[str, Any]) -> None:
    """Check parameters by the rules of their class, on a copy: what was submitted stays as it was.

    Only the lists in it are shared: the small letters of ``filter_methods`` show in the job's parameters.

    Raises:
        ValueError: with the text of the class for the first rule that is broken. A value on which the class
            fails raises what Python raises.
    """
    run(rules, _own_maps(parameters))


def _own_maps(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _own_maps(value) if isinstance(value, dict) else value
        for name, value in parameters.items()
    }


# Tests of one value ------------------------------------------------------------------------------


def kind(*names: str) -> Test:
    """Test for the exact type, by name; True is no ``int``."""
    return lambda value: type(value).__name__ in names


def instance(*types: type) -> Test:
    """Test for an instance; True is an ``int``."""
    return lambda value: isinstance(value, types)


def given(value: Any) -> bool:
    """Test for a value that is not null."""
    return value is not None


def among(*allowed: Any) -> Test:
    """Test for one of `allowed`."""
    return lambda value: value in allowed


def above(bound: float) -> Test:
    """Test for a number above `bound`."""
    return lambda value: bool(value > bound)


def at_least(least: float) -> Test:
    """Test for a number not below `least`."""
    return lambda value: bool(value >= least)


def within(low: float, high: float) -> Test:
    """Test for a number from `low` to `high`."""
    return lambda value: bool(low <= value <= high)


def all_or(every: Any, *types: type) -> Test:
    """Test for `every`, which stands for all columns or samples, or an instance of `types`."""
    return lambda value: value == every or isinstance(value, types)


def either(*tests: Test) -> Test:
    """Test for a value that passes one of `tests`."""
    return lambda value: any(test(value) for test in tests)


def list_of(*types: type) -> Test:
    """Test for a list whose elements are instances of `types`."""
    return lambda value: isinstance(value, list) and all(isinstance(one, types) for one in value)


def whole_at_least(least: int) -> Test:
    """Test for a whole number not below `least`; True is none."""
    return lambda value: type(value) is int and value >= least


def whole_within(low: int, high: int) -> Test:
    """Test for a whole number from `low` to `high`; True is one."""
    return lambda value: isinstance(value, int) and low <= value <= high


# Rules about one parameter -----------------------------------------------------------------------


def need(name: str, test: Test, text: str) -> Rule:
    """Parameter `name` passes `test`."""

    def rule(values: Values) -> None:
        if not test(values[name]):
            raise ValueError(text.format(values[name]))

    return rule


def asserted(name: str, test: Test, text: str) -> Rule:
    """Parameter `name` passes `test`; the class asserts it."""

    def rule(values: Values) -> None:
        if not test(values[name]):
            raise AssertionError(text.format(values[name]))

    return rule


def optional(name: str, test: Test, text: str) -> Rule:
    """Parameter `name` is null or passes `test`."""
    return need(name, lambda value: value is None or test(value), text)


def listed(*names: str) -> Rule:
    """Each parameter that is null is an empty list."""
    return lambda values: values.update((name, []) for name in names if values[name] is None)


def string(name: str, about: str) -> Rule:
    """Parameter `name` is a text."""
    return need(name, kind("str"), about + " {} not supported, should be string type")


def boolean(name: str, about: str) -> Rule:
    """Parameter `name` is true or false."""
    return need(name, kind("bool"), about + " {} not supported, should be bool type")


def positive_integer(name: str, about: str) -> Rule:
    """Parameter `name` is a whole number above 0."""
    text = about + " {} not supported, should be positive integer"
    return need(name, lambda value: type(value) is int and value > 0, text)


def positive_number(name: str, about: str) -> Rule:
    """Parameter `name` is a number above 0."""
    text = about + " {} not supported, should be positive numeric"
    return need(name, lambda value: type(value) in (int, float) and value > 0, text)


def non_negative(name: str, about: str) -> Rule:
    """Parameter `name` is a number not below 0."""
    text = about + " {} not supported, should be non-negative numeric"
    return need(name, lambda value: type(value) in (int, float) and value >= 0, text)


def decimal(name: str, about: str) -> Rule:
    """Parameter `name` is a number from 0 to 1."""
    text = about + " {} not supported, should be a float number in range [0, 1]"
    return need(name, lambda value: type(value) in (int, float) and 0 <= value <= 1, text)


def unit_interval(name: str, about: str) -> Rule:
    """Parameter `name` is a fraction between 0 and 1, both excluded."""
    text = about + " should be a numeric number between 0 and 1 exclusively"
    return need(name, lambda value: type(value) is float and 0 < value < 1, text)


def one_of(name: str, about: str, allowed: Sequence[Any]) -> Rule:
    """Parameter `name` is one of `allowed`, to the letter."""
    text = f"{about} {{}} is not supported, it should be in {list(allowed)}"
    return need(name, lambda value: value in allowed, text)


def typed(name: str, about: str, *names: str) -> Rule:
    """Parameter `name` is of one of the types `names`."""
    return need(name, kind(*names), f"{about} {{}} not supported, should be one of {list(names)}")


def lowered(name: str, about: str, allowed: Sequence[str]) -> Rule:
    """Parameter `name` is one of `allowed`, in any letters; the small ones are kept."""
    text = f"{about} {{}} not supported, should be one of {list(allowed)}"

    def rule(values: Values) -> None:
        value = values[name]
        if type(value) is not str or value.lower() not in allowed:
            raise ValueError(text.format(value))
        values[name] = value.lower()

    return rule


def lowered_as_known(
    name: str, about: str, allowed: Sequence[str], later: Mapping[str, str]
) -> Rule:
    """The rule `lowered`, with what came later: value → the parameter that came with it."""

    def rule(values: Values) -> None:
        known = [value for value, parameter in later.items() if parameter in values]
        lowered(name, about, [*allowed, *known])(values)

    return rule


def cased(name: str, case: Callable[[str], str], allowed: Sequence[str], text: str) -> Rule:
    """Parameter `name`, a text, is one of `allowed` once its letters are changed by `case`."""

    def rule(values: Values) -> None:
        values[name] = case(values[name])
        if values[name] not in allowed:
            raise ValueError(text.format(values[name]))

    return rule


def respelled(name: str, spellings: Mapping[str, str], text: str) -> Rule:
    """Parameter `name` is null or, in small letters, a key of `spellings`; the spelling there is kept."""

    def rule(values: Values) -> None:
        if values[name] is None:
            return
        small = values[name].lower()
        if small not in spellings:
            raise ValueError(text.format(small))
        values[name] = spellings[small]

    return rule


def taken_from(name: str, choices: str, choice: str) -> Rule:
    """Parameter `name`, where it is null or empty, is what the map `choices` holds for the value of `choice`."""

    def rule(values: Values) -> None:
        if values[name] is None or len(values[name]) == 0:
            values[name] = values[choices][values[choice]]

    return rule


def each_spelled(name: str, known: Collection[str], aliases: Mapping[str, str], text: str) -> Rule:
    """Every element of the list `name`, in small letters, is `known` or an alias; aliases become what they mean."""

    def rule(values: Values) -> None:
        small = [str.lower(element) for element in values[name]]
        for element in small:
            if element not in known and element not in aliases:
                raise ValueError(text.format(element))
        values[name] = [aliases.get(element, element) for element in small]

    return rule


def each_allowed(name: str, choices: str, choice: str, text: str) -> Rule:
    """Every element of the list `name` is among those that the map `choices` holds for the value of `choice`."""

    def rule(values: Values) -> None:
        for element in values[name]:
            if element not in values[choices][values[choice]]:
                raise ValueError(text.format(element, values[choice]))

    return rule


def each(name: str, test: Test, text: str) -> Rule:
    """Every element of the list `name` passes `test`."""

    def rule(values: Values) -> None:
        for element in values[name]:
            if not test(element):
                raise ValueError(text.format(element))

    return rule


# Rules about several parameters ------------------------------------------------------------------


def ensure(test: Callable[[Values], bool], text: str) -> Rule:
    """The parameters together pass `test`; the text names them, ``{alpha}``."""

    def rule(values: Values) -> None:
        if not test(values):
            raise ValueError(text.format_map(values))

    return rule


def holds(name: str, test: Test) -> Callable[[Values], bool]:
    """Condition that parameter `name` passes `test`."""
    return lambda values: test(values[name])


def when(condition: Callable[[Values], Any], *rules: Rule) -> Rule:
    """The rules hold if `condition` does."""

    def rule(values: Values) -> None:
        if condition(values):
            run(rules, values)

    return rule


def nested(name: str, rules: Rules) -> Rule:
    """The nested parameters `name` keep `rules`."""
    return _Nested(name, rules)


@dataclass(frozen=True, slots=True)
class _Nested:
    """Rules of nested parameters."""

    name: str
    rules: Rules

    def __call__(self, values: Values) -> None:
        run(self.rules, values[self.name])


def that_apply(rules: Rules, defaults: Mapping[str, Any]) -> Rules:
    """Return the rules that a class with other parameters has, too: those about parameters that it has."""
    values = _own_maps(defaults)
    found: list[Rule] = []
    for rule in rules:
        try:
            rule(values)
        except KeyError:
            if isinstance(rule, _Nested) and rule.name in defaults:
                found.append(_Nested(rule.name, that_apply(rule.rules, defaults[rule.name])))
            continue
        except ValueError:
            # The defaults may well break a rule: then something has to be given.
            pass
        found.append(rule)
    return found
