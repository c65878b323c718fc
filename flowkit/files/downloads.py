"""Files on their way from the server: streamed, checked, and moved into place only when complete.

Everything is written under a temporary name beside its destination. What fails leaves nothing
behind, and what was there before stays as it was.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowkit.call.operation import JSON
from flowkit.decoding import decode
from flowkit.errors import ArchiveError, ArgumentError, FlowError, ServerError
from flowkit.reply import Reply

if TYPE_CHECKING:
    from flowkit.call.model import Call, Response, Session

__all__ = [
    "check_destination",
    "download_archive",
    "download_file",
    "replace_whole",
    "write_documents",
]


def download_archive(
    client: Session, name: str, body: Mapping[str, Any], directory: Path
) -> Reply[Any]:
    """Make the call `name`, whose answer is an archive, and unpack it as `directory`.

    Returns:
        A reply in the official SDK's words, with ``directory``.

    Raises:
        OperationError: the server answered with an error in place of the archive.
        ArchiveError: the archive is damaged, unsafe or too large; ``client.with_options(
            unpack=Limits(…))`` sets other limits.
        FlowError: the directory cannot be written.
    """
    from flowkit.files.archives import Limits, unpack  # slow to import

    check_destination(directory, directory=True)
    with (
        _receive(client, name, body, directory) as (call, response),
        replace_whole(directory) as staging,
    ):
        limits: Limits = call.options.get("unpack") or Limits()
        archive = _temporary_name(staging)
        try:
            staging.mkdir()
            _save(response, archive, limits.total)
            unpack(archive, staging, limits, call.seconds_left())
        finally:
            archive.unlink(missing_ok=True)
    return _download_reply("directory", directory, f"please check {directory} directory")


def download_file(client: Session, name: str, body: Mapping[str, Any], file: Path) -> Reply[Any]:
    """Make the call `name`, whose answer is a zip file, and keep it as `file`.

    Returns:
        A reply in the official SDK's words, with ``file``.

    Raises:
        OperationError: the server answered with an error in place of the file.
        ArchiveError: what came is no zip file, or not a whole one; or it unpacks to more than
            ``client.with_options(unpack=Limits(…))`` allows.
        FlowError: the file cannot be written.
    """
    check_destination(file, directory=False)
    from flowkit.files.archives import check_zip  # slow to import

    with _receive(client, name, body, file) as (call, response), replace_whole(file) as staging:
        _save(response, staging)
        check_zip(staging, call.options.get("unpack"), call.seconds_left())
    return _download_reply("file", file, f"please check {file}")


def write_documents(directory: Path, documents: Mapping[str, Any]) -> None:
    """Write JSON values as ``<name>.json`` into a directory of their own.

    Raises:
        FlowError: the directory cannot be written.
    """
    with _report_disk_errors(directory), replace_whole(directory) as staging:
        staging.mkdir()
        for name, value in documents.items():
            # A name comes from the server; it must not lead anywhere else.
            file = staging / f"{os.path.basename(name)}.json"
            file.write_text(json.dumps(value, indent=4), encoding="utf-8")


def check_destination(destination: Path, *, directory: bool) -> None:
    """Refuse a destination that could not be written, before anything is sent.

    Raises:
        ArgumentError: something else is in the way, or it cannot be looked at.
    """
    try:
        _check_way(destination, directory=directory)
    except OSError as error:
        reason = error.strerror or str(error)
        text = f"{str(destination)!r:.1000} cannot be written: {reason}; give another output_path"
        raise ArgumentError(text, argument="output_path", value=str(destination)) from error


def _check_way(destination: Path, *, directory: bool) -> None:
    for parent in destination.parents:
        if parent.exists() or parent.is_symlink():
            if not parent.is_dir():
                text = f"output_path {str(parent)!r} is not a directory; give another"
                raise ArgumentError(text, argument="output_path", value=str(parent))
            break
    if destination.is_symlink() or (destination.exists() and destination.is_dir() != directory):
        text = f"{str(destination)!r} is in the way; move it or give another output_path"
        raise ArgumentError(text, argument="output_path", value=str(destination))


@contextmanager
def replace_whole(destination: Path) -> Iterator[Path]:
    """Yield a free name beside `destination`; what is made there takes its place at the end.

    When the block fails, the new thing and the folders that were made for it are removed, and
    whatever bore the name before is untouched.
    """
    made = [parent for parent in destination.parents if not parent.exists()]
    staging = _temporary_name(destination)
    try:
        destination.parent.mkdir(parents=True, exist_ok=True)
        yield staging
        _take_place(staging, destination)
    except BaseException:
        _remove(staging)
        for parent in made:
            with contextlib.suppress(OSError):
                parent.rmdir()
        raise


def _take_place(staging: Path, destination: Path) -> None:
    """Give what stands at `staging` the name `destination`."""
    if not destination.is_dir():
        os.replace(staging, destination)
        return
    former = _temporary_name(destination)
    os.rename(destination, former)
    try:
        os.rename(staging, destination)
    except OSError:
        os.rename(former, destination)
        raise
    _remove(former)


@contextmanager
def _receive(
    client: Session, name: str, body: Mapping[str, Any], destination: Path
) -> Iterator[tuple[Call, Response]]:
    """Make a call, make sure that a file came back, and close the response in the end."""
    sent = json.dumps(body).encode()
    request = client.request(name, body=sent, headers=JSON, download=True)
    call, response = client.open(name, body, request)
    try:
        with _report_disk_errors(destination):
            _require_file(call, response)
            yield call, response
    except FlowError as error:
        if error.operation is None:
            error.operation = name
        raise
    finally:
        response.close()


def _require_file(call: Call, response: Response) -> None:
    """Pass a response that is a file; an error in its place is raised.

    A file has HTTP status 200 and a ``Content-Disposition``; FATE Flow also answers errors with
    200, or with 210.
    """
    json_type = "json" in response.headers.get("Content-Type", "").lower()
    named = "Content-Disposition" in response.headers
    if response.status == 200 and (named or not json_type):
        return
    decode(call, response)
    text = f"{call.request.origin}{call.request.path} answered without the file it was asked for"
    raise ServerError(text, status=response.status)


@contextmanager
def _report_disk_errors(destination: Path) -> Iterator[None]:
    """Turn a failure of this machine's disk into an error of flowkit's."""
    try:
        yield
    except OSError as error:
        if isinstance(error, FlowError):
            raise
        reason = error.strerror or str(error)
        text = f"{str(destination)!r} cannot be written: {reason}; give another output_path"
        raise FlowError(text) from error


def _save(response: Response, file: Path, most: int | None = None) -> None:
    """Write a response's body to a new file, `most` bytes of it at most."""
    size = 0
    with file.open("xb") as stream:
        for piece in response.stream():
            size += len(piece)
            if most is not None and size > most:
                raise ArchiveError(f"the server sends an archive beyond {most} bytes; refused")
            stream.write(piece)


def _temporary_name(destination: Path) -> Path:
    """Return a name in the same folder that nothing bears."""
    return destination.with_name(f".{destination.name[:100]}.{secrets.token_hex(6)}.part")


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _download_reply(key: str, path: Path, where: str) -> Reply[Any]:
    return Reply({"retcode": 0, key: str(path), "retmsg": f"download successfully, {where}"})
