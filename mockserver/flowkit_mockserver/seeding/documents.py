"""Seed files: tables, jobs, models and tags as a YAML or JSON document, and folders of CSV files.

The form of a document is data, which checks it: an error names the file, the entry and the field.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from flowkit.inputs.documents import read_whole_file
from flowkit_mockserver.control.fields import Field, check_fields

__all__ = ["SECTIONS", "SeedError", "parse_document", "read_document", "table_files"]

_TEXT = {"type": "string"}
_PARTY = {"type": ["integer", "string"]}
_DOCUMENT = {"type": ["string", "object"]}

#: By section, what an entry of it may hold.
SECTIONS: Mapping[str, tuple[Field, ...]] = {
    "tables": (
        Field("namespace", _TEXT, "first half of its identity", required=True),
        Field("name", _TEXT, "second half of its identity", required=True),
        Field("file", _TEXT, "a CSV file; its path counts from the folder of the seed file"),
        Field("rows", {"type": "array", "items": _TEXT}, "its lines, in place of a file"),
        Field(
            "head",
            {"type": "integer", "minimum": 0, "maximum": 1},
            "whether the first line names the columns; 1",
        ),
        Field("partition", {"type": "integer", "minimum": 1}, "partitions; 4"),
    ),
    "jobs": (
        Field("conf", _DOCUMENT, "the runtime conf, or its file", required=True),
        Field("dsl", _DOCUMENT, "the DSL, or its file; a prediction needs none"),
        Field("status", {"enum": ["success", "failed"]}, "how it must end; success"),
        Field("tags", {"type": "array", "items": _TEXT}, "tags for its model"),
    ),
    "models": (
        Field("file", _TEXT, "an exported model", required=True),
        Field("role", _TEXT, "the role whose part it is", required=True),
        Field("party_id", _PARTY, "the party whose part it is", required=True),
        Field("model_id", _TEXT, "its id", required=True),
        Field("model_version", _PARTY, "its version", required=True),
    ),
    "tags": (
        Field("name", _TEXT, "its name", required=True),
        Field("description", {"type": ["string", "null"]}, "its description"),
    ),
}


class SeedError(ValueError):
    """Seed data cannot be used; the text names the file, the entry and the field."""


def parse_document(path: Path) -> Any:
    """Return the JSON value of a YAML or JSON file.

    Raises:
        SeedError: it cannot be read.
    """
    try:
        text = read_whole_file(path).decode()
        return json.loads(text) if path.suffix == ".json" else yaml.load(text, _Loader)
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise SeedError(f"{path} cannot be read: {' '.join(str(error).split())}") from error


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Reads YAML without objects of Python; by C where there is a library."""


def read_document(path: Path, document: Any) -> dict[str, list[dict[str, Any]]]:
    """Return the sections of a seed document, checked.

    Raises:
        SeedError: a section, an entry or a field is none that it can be.
    """
    if (
        not isinstance(document, dict)
        or not document
        or (odd := sorted(map(repr, document.keys() - SECTIONS.keys())))
    ):
        what = f", not {odd[0]:.100}" if isinstance(document, dict) and document else ""
        raise SeedError(f"{path} must be an object of {', '.join(SECTIONS)}{what}")
    for section, entries in document.items():
        if not isinstance(entries, list):
            raise SeedError(f"{path}: {section} must be a list")
        for number, entry in enumerate(entries, 1):
            where = f"{path}: {section}, entry {number}"
            if not isinstance(entry, dict):
                raise SeedError(f"{where} must be an object")
            try:
                check_fields(SECTIONS[section], entry)
            except ValueError as error:
                raise SeedError(f"{where}: {error}") from error
            if section == "tables" and ("file" in entry) == ("rows" in entry):
                raise SeedError(f"{where}: give it either file or rows")
    return document


def table_files(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield a table for each CSV file in a folder and those below it.

    The folders between give the namespace, or the folder itself, and the file its name.
    """
    for path in sorted(folder.rglob("*.csv")):
        between = path.parent.relative_to(folder).as_posix()
        namespace = folder.resolve().name if between == "." else between
        yield {"namespace": namespace, "name": path.stem, "file": str(path.resolve())}
