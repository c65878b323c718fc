"""Turning a caller's arguments into what goes on the wire, or saying precisely what is wrong.

Every function takes the argument's name first, so that the error names it, and returns the value as
it is sent. None stands for "not given": what must be given refuses it, and `optional` lets it pass.
"""

from __future__ import annotations

import json
import operator
import os
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import date as calendar_date
from typing import Any, TypeVar

from flowkit.errors import ArgumentError, shown

__all__ = [
    "Id",
    "Source",
    "day",
    "identifier",
    "integer",
    "mapping",
    "names",
    "optional",
    "party",
    "path",
    "plain",
    "role",
    "seconds",
    "switch",
    "text",
]

Id = int | str
FilePath = str | os.PathLike[str]
Source = FilePath | Mapping[str, Any]

T = TypeVar("T")

ROLES = ("guest", "host", "arbiter", "local")
#: Of the largest number that is sent.
MOST_BITS = 1024
IDENTIFIER = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.\-]*")


def refusal(name: str, value: object, must: str, way_out: str = "") -> ArgumentError:
    """Return the error that says what `name` must be, what it was, and what to do."""
    from flowkit.call.secrets import MASK, is_secret_name  # not needed until something is wrong

    hint = f"; {way_out}" if way_out else ""
    if value is None:
        return ArgumentError(f"{name} is missing; it must be {must}{hint}", argument=name)
    text = MASK if is_secret_name(name) else shown(value)
    return ArgumentError(f"{name} must be {must}: got {text}{hint}", argument=name, value=value)


def optional(check: Callable[[str, Any], T], name: str, value: object) -> T | None:
    """Return what `check` makes of `value`, and None for None."""
    return None if value is None else check(name, value)


def identifier(name: str, value: object) -> str:
    """Return an id, of a job or of a model's version, as the text that is sent.

    Raises:
        ArgumentError: it is neither a whole number from 0 on nor a word.
    """
    must, way_out = "an id, a whole number or its digits", "such as '202106010203040506070'"
    number = _index(value)
    if number is not None and number >= 0:
        return str(number)
    if isinstance(value, str) and IDENTIFIER.fullmatch(value.strip()):
        return value.strip()
    raise refusal(name, value, must, way_out)


def party(name: str, value: object) -> str:
    """Return a party id as the text that is sent.

    Raises:
        ArgumentError: it is neither a whole number from 0 on nor its digits.
    """
    number = _index(value)
    digits = str(number) if number is not None else value.strip() if isinstance(value, str) else ""
    if digits.isascii() and digits.isdigit():
        return digits
    raise refusal(name, value, "a party id, a whole number or its digits", "such as 9999 or '9999'")


def role(name: str, value: object) -> str:
    """Return the name of a role.

    Raises:
        ArgumentError: there is no such role.
    """
    if isinstance(value, str) and value in ROLES:
        return value
    import difflib  # needed only once something is misspelled

    near = difflib.get_close_matches(value.lower(), ROLES, n=1) if isinstance(value, str) else []
    raise refusal(
        name, value, f"one of {', '.join(ROLES)}", f"did you mean {near[0]!r}?" if near else ""
    )


def text(name: str, value: object) -> str:
    """Return a text that is not empty.

    Raises:
        ArgumentError: it is empty, or no text, or holds half of a surrogate pair.
    """
    if isinstance(value, str) and value.strip():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise refusal(name, value, "a text", str(error)) from error
        return value
    raise refusal(name, value, "a text that is not empty")


def integer(name: str, value: object) -> int:
    """Return a whole number, such as a limit.

    Raises:
        ArgumentError: it is not one; True and 10.0 are none either.
    """
    number = _index(value)
    if number is not None:
        return number
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,300}", value.strip()):
        return int(value)
    raise refusal(name, value, "a whole number")


def switch(name: str, value: object) -> int:
    """Return 0 or 1; False, True and the digits count as well.

    Raises:
        ArgumentError: it is anything else.
    """
    if isinstance(value, bool):
        return int(value)
    number = int(value) if value in ("0", "1") and isinstance(value, str) else _index(value)
    if number in (0, 1):
        return number
    raise refusal(name, value, "0 or 1")


def day(name: str, value: object) -> int:
    """Return a day as the number YYYYMMDD.

    Raises:
        ArgumentError: it has not eight digits, or is no day of the calendar.
    """
    must, way_out = "a day as eight digits, YYYYMMDD", "such as 20210601"
    if isinstance(value, calendar_date):
        return int(value.strftime("%Y%m%d"))
    number = _index(value)
    digits = str(number) if number is not None else value if isinstance(value, str) else ""
    if not re.fullmatch(r"[0-9]{8}", digits):
        raise refusal(name, value, must, way_out)
    try:
        calendar_date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError as error:
        raise refusal(name, value, must, str(error)) from error
    return int(digits)


def seconds(name: str, value: object) -> float:
    """Return a duration in seconds, 0 or more.

    Raises:
        ArgumentError: it is negative, longer than a system can wait, or not a number.
    """
    most = threading.TIMEOUT_MAX  # neither NaN nor infinity is within
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= most:
        return float(value)
    raise refusal(name, value, "seconds, 0 or more")


def names(name: str, value: object) -> list[str]:
    """Return names as a list; a text with commas between them counts as well.

    Raises:
        ArgumentError: it is not a sequence of texts.
    """
    if isinstance(value, str):
        value = [part.strip() for part in value.strip().strip("[]").split(",") if part.strip()]
    if isinstance(value, Iterable) and not isinstance(value, bytes | Mapping):
        listed = list(value)
        if all(isinstance(item, str) and item for item in listed):
            return listed
    raise refusal(name, value, "a list of names", "such as ['reader_0', 'dataio_0']")


def path(name: str, value: object) -> str:
    """Return the path of a directory or file, absolute.

    Raises:
        ArgumentError: it is empty, or no path; or it is relative to a directory that was deleted.
    """
    if isinstance(value, str | os.PathLike):
        given = os.fspath(value)
        if isinstance(given, str) and given.strip() and "\0" not in given:
            try:
                os.fsencode(given)
                return os.path.abspath(given)
            except UnicodeEncodeError as error:
                raise refusal(name, value, "a path", str(error)) from error
            except FileNotFoundError as error:
                way_out = "the current directory has been deleted"
                raise refusal(name, value, "an absolute path", way_out) from error
    raise refusal(name, value, "a path")


def plain(name: str, value: object) -> Any:
    """Return a deep copy of a JSON value.

    Raises:
        ArgumentError: something in it has no place in JSON.
    """
    try:
        return json.loads(json.dumps(value))
    except (TypeError, ValueError, RecursionError) as error:
        raise refusal(name, value, "made of JSON values", str(error)) from error


def mapping(name: str, value: object) -> dict[str, Any]:
    """Return a deep copy of a mapping of JSON values.

    Raises:
        ArgumentError: it is not a mapping, or something in it has no place in JSON.
    """
    if not isinstance(value, Mapping):
        raise refusal(name, value, "a mapping")
    copy: dict[str, Any] = plain(name, dict(value))
    return copy


def _index(value: object) -> int | None:
    """Return a whole number of any integer type; None for all else, True and False included."""
    if isinstance(value, bool | str):
        return None
    try:
        number = operator.index(value)  # type: ignore[arg-type]  # that is what is being found out
    except TypeError:
        return None
    # Of larger ones Python itself does not write the digits.
    return number if number.bit_length() <= MOST_BITS else None
