"""The answers of the server, in its two styles of JSON.

The envelope proper is compact, sorted and ends in a newline; an error answer, whose HTTP status is
its return code, has blanks after the separators, keeps its order and has no newline.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from typing import IO, TYPE_CHECKING, Any, cast

from flask import Response, current_app, request
from werkzeug.exceptions import BadRequest
from werkzeug.wsgi import wrap_file

from flowkit_mockserver.errors import HttpRefusal, Refusal

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

__all__ = [
    "ANY_CONTENT_TYPE",
    "JSON",
    "Answer",
    "Encoded",
    "decode_json",
    "encode",
    "error_response",
    "file_response",
    "refusal_response",
    "request_json",
    "success",
]

PIECE = 64 * 1024
#: The setting of an application that reads a body as JSON whatever its content type, and what is none as null.
ANY_CONTENT_TYPE = "flowkit-any-content-type"
#: How deeply a body may be nested; what clients send has a depth of about ten.
MAX_DEPTH = 100
_NESTED = "maximum recursion depth exceeded while decoding a JSON document"
JSON = "application/json"

_SORTED = json.JSONEncoder(sort_keys=True, separators=(",", ":"))
#: Characters that would end or confuse an unquoted file name in a header.
_UNSAFE = frozenset('";\\/')
_UNSORTED = json.JSONEncoder(separators=(",", ":"))


class Answer(Response):
    """A response whose body a WSGI server gets at once instead of piece by piece."""

    def get_app_iter(self, environ: WSGIEnvironment) -> Iterable[bytes]:
        """Return the body: a list when it is in memory and nothing waits for it to be sent."""
        if self.is_sequence and environ["REQUEST_METHOD"] != "HEAD" and not self._on_close:
            return [b"".join(self.iter_encoded())]
        return super().get_app_iter(environ)


class Encoded(str):
    """JSON text: `data` that is kept encoded because it is asked for often; see `encode`."""

    __slots__ = ()


def encode(value: Any) -> Encoded:
    """Return a JSON value as the text in which it stands in an answer."""
    return Encoded(_SORTED.encode(value))


def success(
    data: Any = None,
    *,
    retcode: int | str = 0,
    retmsg: str = "success",
    job_id: str | None = None,
    meta: Any = None,
    sort: bool = True,
) -> Response:
    """Return the envelope; `data`, `jobId` and `meta` are left out when None.

    Args:
        data: any JSON value, or one that is `Encoded` already.
        retcode: the return code; one operation of the real server puts a text there.
        retmsg: its text.
        job_id: `jobId`, for the operations that have one.
        meta: `meta`, for the operations that have one.
        sort: False keeps the order of keys, as `model/query` does.
    """
    encoded = isinstance(data, Encoded)
    parts = {
        "retcode": retcode,
        "retmsg": retmsg,
        "data": None if encoded else data,
        "jobId": job_id,
        "meta": meta,
    }
    encoder = _SORTED if sort else _UNSORTED
    text = encoder.encode({name: value for name, value in parts.items() if value is not None})
    if encoded:
        text = f'{{"data":{data},{text[1:]}'
    return Answer(f"{text}\n", content_type=JSON)


def error_response(code: int, message: str) -> Response:
    """Return an answer whose HTTP status and return code are both `code`."""
    body = json.dumps({"retmsg": message, "retcode": code})
    return Answer(body, status=code, content_type=JSON)


def refusal_response(refusal: Refusal | HttpRefusal) -> Response:
    """Return the answer that a refusal stands for."""
    if isinstance(refusal, HttpRefusal):
        return error_response(refusal.code, refusal.retmsg)
    return success(
        refusal.data, retcode=refusal.retcode, retmsg=refusal.retmsg, job_id=refusal.job_id
    )


def file_response(
    content: bytes | IO[bytes] | Iterable[bytes], filename: str | None, content_type: str
) -> Response:
    """Return an attachment; `filename` stands unquoted in its header, as on the real server.

    Args:
        content: bytes, an open binary file that can seek (streamed, then closed), or pieces.
        filename: characters that cannot stand in a header are replaced by ``_``; None for no header of it.
        content_type: the media type.
    """
    if isinstance(content, bytes) or not hasattr(content, "read"):
        response = Response(content, content_type=content_type)
    else:
        file = cast(IO[bytes], content)
        body = wrap_file(request.environ, file, buffer_size=PIECE)
        response = Response(body, content_type=content_type, direct_passthrough=True)
        start = file.tell()
        response.content_length = file.seek(0, io.SEEK_END) - start
        file.seek(start)
    if filename is not None:
        name = "".join(
            c if c.isascii() and c.isprintable() and c not in _UNSAFE else "_" for c in filename
        )
        response.headers["Content-Disposition"] = f"attachment; filename={name}"
    return response


def request_json() -> Any:
    """Return the request's JSON body, or None when its content type is not JSON.

    An application with the setting `ANY_CONTENT_TYPE` takes any content type, and null for what is no JSON.

    Raises:
        BadRequest: the content type is JSON and the body is not (HTTP 400, an HTML page).
        Refusal: it is nested too deeply, or a text in it cannot be stored; see `decode_json`.
    """
    if current_app.config.get(ANY_CONTENT_TYPE):
        return _any_json()
    if request.environ.get("CONTENT_TYPE") != JSON and not request.is_json:
        return None
    try:
        return decode_json(request.get_data())
    except ValueError:
        raise BadRequest from None


def _any_json() -> Any:
    """Return the JSON value of the body, the same one each time it is asked for; None if it is no JSON."""
    kept: list[Any] | None = request.environ.get(ANY_CONTENT_TYPE)
    if kept is None:
        try:
            kept = [decode_json(request.get_data())]
        except ValueError:
            kept = [None]
        request.environ[ANY_CONTENT_TYPE] = kept
    return kept[0]


def decode_json(content: bytes) -> Any:
    """Return a JSON value that everything behind can work with.

    Raises:
        ValueError: it is not JSON.
        Refusal: it is nested too deeply, or a text in it holds half of a surrogate pair, which no database takes.
    """
    text = content.decode(json.detect_encoding(content))
    try:
        value = json.loads(text)
    except RecursionError as error:
        raise Refusal(_NESTED) from error
    if text.count("[") + text.count("{") > MAX_DEPTH and _depth(value) > MAX_DEPTH:
        raise Refusal(_NESTED)
    if "\\ud" in text or "\\uD" in text:
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise Refusal(str(error)) from error
    return value


def _depth(value: Any) -> int:
    """Return how deeply a JSON value is nested: 0 for a number or a text."""
    depth = 0
    level = [value]
    while level := [item for item in level if isinstance(item, dict | list)]:
        depth += 1
        if depth > MAX_DEPTH:
            break
        level = [
            inner for item in level for inner in (item.values() if isinstance(item, dict) else item)
        ]
    return depth
