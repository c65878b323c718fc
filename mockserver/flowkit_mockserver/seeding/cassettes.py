"""From a cassette: what was written to the recorded server is written to this one, in the same order.

The ids that the recorded server drew are replaced by those that this one draws, wherever they stand in later requests.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flowkit import OPERATIONS
from flowkit_mockserver.control.journal.entries import operation_name
from flowkit_mockserver.http.access import API
from flowkit_mockserver.seeding.documents import SeedError

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

__all__ = ["repeat_writes"]

log = logging.getLogger(__name__)

#: The id of a job: its moment, and some digits more.
_ID = re.compile(rb"\d{20,24}")
#: Headers of a request that count; the others belong to the connection or are credentials.
_HEADERS = ("content-type", "content-encoding")


def repeat_writes(app: Flask, path: Path, interactions: Any) -> None:
    """Carry out the requests of a cassette that changed something on the recorded server.

    What this server refuses, for a file that is not here for one, is logged and left out.

    Args:
        app: the application.
        path: the cassette, for error messages.
        interactions: its interactions.

    Raises:
        SeedError: it is no cassette.
    """
    if not isinstance(interactions, list):
        raise SeedError(f"{path}: interactions must be a list")
    client = app.test_client()
    ids: dict[bytes, bytes] = {}
    for number, interaction in enumerate(interactions, 1):
        try:
            request, response = interaction["request"], interaction["response"]
            recorded = _json(response["body"]["string"])
            if not _wrote(request, response["status"]["code"], recorded):
                continue
            answer = _repeat(client, request, ids)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            lacks = f": it lacks {error}" if isinstance(error, KeyError) else ""
            text = f"{path}: interaction {number} is none of a cassette{lacks}"
            raise SeedError(text) from error
        given = answer.get_json(silent=True)
        if answer.status_code != 200 or not isinstance(given, dict) or given.get("retcode") != 0:
            shown = answer.get_data(as_text=True)[:200]
            log.warning("%s: interaction %d is refused here: %s", path, number, shown)
            continue
        ids |= dict(_new_ids(recorded, given))


def _wrote(request: dict[str, Any], status: int, recorded: Any) -> bool:
    """Return whether a request changed something on the recorded server."""
    path = urlsplit(request["uri"]).path.rpartition(f"{API}/")[2]
    name = operation_name(request["method"], path)
    if not name or OPERATIONS[name].reads or status != 200:
        return False
    return isinstance(recorded, dict) and recorded.get("retcode") == 0


def _repeat(client: FlaskClient, request: dict[str, Any], ids: dict[bytes, bytes]) -> TestResponse:
    address = urlsplit(request["uri"])
    path = API + "/" + address.path.rpartition(f"{API}/")[2]
    headers = {
        name: value[0] if isinstance(value, list) else value
        for name, value in request["headers"].items()
        if name.lower() in _HEADERS
    }
    return client.open(
        path,
        method=request["method"],
        query_string=_with_ids(_bytes(address.query), ids).decode("latin-1"),
        data=_with_ids(_bytes(request["body"]), ids),
        headers=headers,
    )


def _bytes(body: Any) -> bytes:
    if body is None:
        return b""
    return body if isinstance(body, bytes) else str(body).encode("utf-8", "surrogateescape")


def _json(body: Any) -> Any:
    try:
        return json.loads(_bytes(body))
    except ValueError:
        return None


def _with_ids(text: bytes, ids: dict[bytes, bytes]) -> bytes:
    return _ID.sub(lambda found: ids.get(found[0], found[0]), text) if ids else text


def _new_ids(recorded: Any, given: Any) -> Iterator[tuple[bytes, bytes]]:
    """Yield the ids in a recorded answer with those that stand in their places now."""
    if isinstance(recorded, dict) and isinstance(given, dict):
        for name in recorded.keys() & given.keys():
            yield from _new_ids(recorded[name], given[name])
    elif isinstance(recorded, list) and isinstance(given, list):
        for old, new in zip(recorded, given, strict=False):
            yield from _new_ids(old, new)
    elif isinstance(recorded, str) and isinstance(given, str):
        old_ids, new_ids = _ID.findall(recorded.encode()), _ID.findall(given.encode())
        if len(old_ids) == len(new_ids):
            yield from zip(old_ids, new_ids, strict=True)
