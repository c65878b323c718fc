"""The archive in which a model travels: a zip of the directory that the real server keeps it in.

An archive of a real FATE can be imported here, and the other way round: names and bytes of the members are the same.
What comes in is never trusted. Nothing is unpacked to disk; only members with a place in a model are read, up to fixed
sizes, whatever their names and their headers say.
"""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Iterator, Mapping
from typing import IO, Any

from flowkit_mockserver.errors import FlowFault
from flowkit_mockserver.models.cache import ModelCache, model_from_buffers, pipeline_from_bytes
from flowkit_mockserver.models.define_meta import parse
from flowkit_mockserver.proto.catalogue import definition_files

__all__ = ["MAX_BYTES", "MAX_MEMBERS", "pack", "unpack"]

MAX_MEMBERS = 20_000
#: Of everything that is read from one archive, unpacked.
MAX_BYTES = 256 * 1024 * 1024

_DEFINITION = "define/define_meta.yaml"
#: The oldest time a zip can tell; the same model then always gives the same bytes.
_TIME = (1980, 1, 1, 0, 0, 0)


def pack(cache: ModelCache) -> bytes:
    """Return the archive of a model."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _members(cache):
            info = zipfile.ZipInfo(name, _TIME)
            folder = name.endswith("/")
            info.external_attr = (stat.S_IFDIR | 0o755 if folder else stat.S_IFREG | 0o644) << 16
            info.compress_type = zipfile.ZIP_STORED if folder else zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return target.getvalue()


def _members(cache: ModelCache) -> Iterator[tuple[str, bytes]]:
    if not cache.defined:
        yield ".lock", b""
        return
    buffers = list(cache.buffers())
    yield "define/", b""
    yield "variables/", b""
    yield ".lock", b""
    if cache.pipeline is not None:
        yield "pipeline.pb", buffers[-1][3]
    yield "define/proto/", b""
    yield _DEFINITION, cache.definition().encode()
    for name, text in definition_files().items():
        yield f"define/proto/{name}", text.encode()
    yield "variables/data/", b""
    yield "variables/index/", b""
    folders: set[str] = set()
    for component, alias, name, content in buffers:
        for folder in (f"variables/data/{component}/", f"variables/data/{component}/{alias}/"):
            if folder not in folders:
                folders.add(folder)
                yield folder, b""
        yield f"variables/data/{component}/{alias}/{name}", content


def unpack(file: IO[bytes], cache: ModelCache, *, path: str, root: str) -> None:
    """Fill a fresh cache from an archive.

    What was read before a problem shows stays in the cache, as it does on the real server: it is then defective.

    Args:
        file: the archive.
        cache: to fill; `defined` is set to what the archive is good for.
        path: what the real server would call the file, for texts.
        root: the server's directory, for texts.

    Raises:
        FlowFault: the archive is not one of a model, or is larger than any model.
    """
    cache.defined, cache.pipeline, cache.components = False, None, {}
    try:
        with zipfile.ZipFile(file) as archive:
            reader = _Reader(archive)
            if (definition := reader.read(_DEFINITION)) is None:
                cache.read_pipeline(root)
            cache.defined = True
            _fill(cache, reader, parse((definition or b"").decode()))
    except FlowFault:
        raise
    except zipfile.BadZipFile as error:
        text = f"{path} is not a zip file" if "not a zip file" in str(error) else str(error)
        raise FlowFault(text) from error
    # zlib.error, EOFError, struct.error …: a hostile archive can make the zip library raise nearly anything.
    except Exception as error:
        raise FlowFault(f"{path} is not the archive of a model: {error}") from error


class _Reader:
    """Reads members by name, as long as they are not too much in all."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._left = MAX_BYTES
        infos = archive.infolist()
        if len(infos) > MAX_MEMBERS:
            raise ValueError(f"it has {len(infos)} members, more than {MAX_MEMBERS}")
        self._names = {info.filename: info for info in infos}

    def read(self, name: str) -> bytes | None:
        """Return the content of a member, None when there is none; the size in its header is not believed."""
        info = self._names.get(name)
        if info is None:
            return None
        with self._archive.open(info) as member:
            content = member.read(self._left + 1)
        if len(content) > self._left:
            raise ValueError(f"it unpacks to more than {MAX_BYTES} bytes")
        self._left -= len(content)
        return content


def _fill(cache: ModelCache, reader: _Reader, definition: Mapping[str, Any]) -> None:
    modules = definition.get("component_define", {})
    for component, aliases in definition.get("model_proto", {}).items():
        module = modules.get(component, {}).get("module_name", "")
        for alias, messages in aliases.items():
            folder = f"variables/data/{component}/{alias}"
            buffers: dict[str, bytes] = {}
            for name in messages:
                content = reader.read(f"{folder}/{name}")
                if content is None:
                    raise ValueError(f"{folder}/{name} is missing")
                buffers[name] = content
            if component == "pipeline":
                cache.pipeline = pipeline_from_bytes(buffers["Pipeline"])
            else:
                model = model_from_buffers(module, messages, buffers)
                cache.put_model(component, module, alias, model)
