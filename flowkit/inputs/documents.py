"""Configurations and DSLs as callers give them: the path of a JSON file, or a mapping."""

from __future__ import annotations

import errno
import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flowkit.errors import ArgumentError
from flowkit.inputs.arguments import FilePath, Source, integer, party, path, refusal

__all__ = [
    "Document",
    "configuration",
    "load",
    "local_file",
    "pick",
    "read_text",
    "read_whole_file",
]

SHOWN = 60
#: Bytes of the largest document that is read; a device never ends.
LARGEST = 64 * 1024**2


@dataclass(frozen=True, slots=True)
class Document:
    """A JSON object, with where it came from.

    Attributes:
        name: the argument that brought it.
        data: the object; a copy, so it may be changed.
        text: the object as JSON, as it stands in the file.
        file: the file it was read from; None when it came as a mapping.
    """

    name: str
    data: dict[str, Any]
    text: str
    file: Path | None = None


def pick(name: str, value: Source | None, alias: str, other: Source | None) -> tuple[str, Source]:
    """Return the one that was given, of an argument and the name later SDKs have for it.

    Raises:
        ArgumentError: neither was given, or both.
    """
    if value is not None and other is not None:
        raise ArgumentError(
            f"{name} and {alias} are the same argument; give one of them", argument=name
        )
    if other is not None:
        return alias, other
    if value is None:
        raise refusal(name, None, "the path of a JSON file, or a mapping")
    return name, value


def load(name: str, source: Source) -> Document:
    """Read a JSON object from a file, or take it from a mapping.

    Raises:
        ArgumentError: the file cannot be read or is not a JSON object (with line and column), or
            the mapping holds something that has no place in JSON.
    """
    if isinstance(source, Mapping):
        try:
            text = json.dumps(dict(source))
        except (TypeError, ValueError, RecursionError) as error:
            raise refusal(name, source, "made of JSON values", str(error)) from error
        return Document(name, json.loads(text), text)
    file, content = read_text(name, source)
    try:
        data = json.loads(content)
    except json.JSONDecodeError as error:
        raise ArgumentError(
            f"{name} {str(file)!r:.1000} is not JSON: line {error.lineno}, column {error.colno}: "
            f"{error.msg}{_excerpt(content, error.lineno)}",
            argument=name,
            value=source,
        ) from error
    except RecursionError as error:
        text = f"{name} {str(file)!r:.1000} is nested too deeply"
        raise ArgumentError(text, argument=name, value=source) from error
    except ValueError as error:  # a number of more digits than Python reads
        text = f"{name} {str(file)!r:.1000} cannot be read: {error}"
        raise ArgumentError(text, argument=name, value=source) from error
    if not isinstance(data, dict):
        raise ArgumentError(
            f"{name} {str(file)!r:.1000} must hold a JSON object, {{…}}, not {type(data).__name__}",
            argument=name,
            value=source,
        )
    return Document(name, data, content, file)


def read_text(name: str, source: FilePath) -> tuple[Path, str]:
    """Read a UTF-8 text file and return its absolute path and its content.

    Raises:
        ArgumentError: it is no path, there is no such file, or it cannot be read.
    """
    if not isinstance(source, str | os.PathLike) or not str(source).strip():
        raise refusal(name, source, "the path of a file, or a mapping")
    if isinstance(source, str) and source.lstrip()[:1] == "{":
        raise refusal(name, source, "a path or a mapping, not JSON text", "use json.loads on it")
    try:
        file = Path(os.path.abspath(source))
        return file, read_whole_file(file).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        text = (
            f"{name} {str(source)!r:.1000} is not UTF-8 text: {error.reason} at byte {error.start}"
        )
        raise ArgumentError(text, argument=name, value=source) from error
    except FileNotFoundError as error:
        here = current_directory()
        where = "has been deleted" if here is None else f"is {str(here)!r}"
        text = f"{name} {str(source)!r:.1000} does not exist; the current directory {where}"
        raise ArgumentError(text, argument=name, value=source) from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        text = f"{name} {str(source)!r:.1000} cannot be read: {reason}"
        raise ArgumentError(text, argument=name, value=source) from error


def read_whole_file(path: str | Path, *, any_size: bool = False) -> bytes:
    """Return the content of a file.

    Args:
        path: the file.
        any_size: a regular file may be larger than a document ever is; a device or a pipe may not.

    Raises:
        OSError: it cannot be read, or there is more in it than `LARGEST` allows.
    """
    with open(path, "rb") as file:
        if any_size and stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return file.read()
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        text = f"it is larger than {LARGEST >> 20} MiB, as no such file is"
        raise OSError(errno.EFBIG, text, str(path))
    return content


def configuration(
    name: str, value: Source | None, alias: str = "config_data", other: Source | None = None
) -> Document:
    """Read a configuration and bring what every server reads from it into its usual form.

    The ids at its top level become texts, and a relative ``output_path`` is made absolute against
    the current directory.

    Raises:
        ArgumentError: see `pick` and `load`.
    """
    document = load(*pick(name, value, alias, other))
    data = document.data
    if isinstance(data.get("party_id"), int):
        data["party_id"] = party(f"party_id in {document.name}", data["party_id"])
    for key in ("job_id", "model_version"):
        if isinstance(data.get(key), int):
            data[key] = str(integer(f"{key} in {document.name}", data[key]))
    if isinstance(data.get("output_path"), str) and data["output_path"]:
        data["output_path"] = path(f"output_path in {document.name}", data["output_path"])
    return document


def local_file(document: Document) -> Path:
    """Return the file on this machine that a configuration names in ``file``.

    A relative path counts from the folder of the configuration's own file, then from the current
    directory.

    Raises:
        ArgumentError: the configuration names none, or there is none.
    """
    given = document.data.get("file")
    where = f"file in {document.name}"
    if not isinstance(given, str) or not given.strip():
        raise refusal(where, given, "the path of the file to send")
    folders = [document.file.parent if document.file is not None else None, current_directory()]
    candidates = list(dict.fromkeys(folder / given for folder in folders if folder is not None))
    if not candidates:
        way_out = "the current directory has been deleted"
        raise refusal(where, given, "an absolute path", way_out)
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    tried = " nor as ".join(repr(str(candidate)) for candidate in candidates)
    if any(candidate.exists() for candidate in candidates):
        raise ArgumentError(f"{where} is not a file: {tried}", argument="file", value=given)
    raise ArgumentError(
        f"{where} does not exist as {tried}; a relative path counts from the folder of the "
        "configuration, then from the current directory",
        argument="file",
        value=given,
    )


def current_directory() -> Path | None:
    """Return the current directory; None when it has been deleted."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        return None


def _excerpt(content: str, line: int) -> str:
    """Return the line at which reading stopped, for an error message."""
    lines = content.splitlines()
    shown = lines[line - 1].strip()[:SHOWN] if 0 < line <= len(lines) else ""
    return f", in {shown!r}" if shown else ""
