"""The archive in which a model travels: a zip of the directory that the real server keeps it in.

An archive of a real FATE can be imported here, and the other way round: names and bytes of the members are the same.
What comes in is never trusted. Nothing is unpacked to disk; only members with a place in a model are read, up to fixed
sizes, whatever their names and their headers say.
"""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Iterable, Mapping
from typing import IO, Any

from flowkit_mockserver.errors import Refusal
from flowkit_mockserver.models.cache import ModelCache, model_from_buffers, pipeline_from_bytes
from flowkit_mockserver.models.define_meta import parse
from flowkit_mockserver.models.files.checkpoints import checkpoint_folders, read_checkpoints
from flowkit_mockserver.models.files.members import DEFINITION, first_members, parameters_file
from flowkit_mockserver.models.files.run_parameters import read_parameters
from flowkit_mockserver.models.service import Models
from flowkit_mockserver.party import Party
from flowkit_mockserver.proto.catalogue import later_message

__all__ = ["MAX_BYTES", "MAX_MEMBERS", "export_archive", "import_archive", "pack", "unpack"]

MAX_MEMBERS = 20_000
#: Of everything that is read from one archive, unpacked.
MAX_BYTES = 256 * 1024 * 1024

#: The oldest time a zip can tell; the same model then always gives the same bytes.
_TIME = (1980, 1, 1, 0, 0, 0)


def pack(cache: ModelCache) -> bytes:
    """Return the archive of a model."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in first_members(cache):
            info = zipfile.ZipInfo(name, _TIME)
            folder = name.endswith("/")
            info.external_attr = (stat.S_IFDIR | 0o755 if folder else stat.S_IFREG | 0o644) << 16
            info.compress_type = zipfile.ZIP_STORED if folder else zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return target.getvalue()


def unpack(
    file: IO[bytes], cache: ModelCache, *, path: str, root: str, later: bool = False
) -> None:
    """Fill a fresh cache from an archive.

    What was read before a problem shows stays in the cache, as it does on the real server: it is then defective.

    Args:
        file: the archive.
        cache: to fill; `defined` is set to what the archive is good for.
        path: what the real server would call the file, for texts.
        root: the server's directory, for texts.
        later: whether the buffers are those of the later lines, where these have other messages of the same name.

    Raises:
        Refusal: the archive is not one of a model, or is larger than any model.
    """
    cache.defined, cache.pipeline, cache.components = False, None, {}
    cache.run_parameters, cache.checkpoints = {}, {}
    try:
        with zipfile.ZipFile(file) as archive:
            reader = _Reader(archive)
            if (definition := reader.read(DEFINITION)) is None:
                cache.read_pipeline(root)
            cache.defined = True
            _fill(cache, reader, parse((definition or b"").decode()), later)
    except Refusal:
        raise
    except zipfile.BadZipFile as error:
        text = f"{path} is not a zip file" if "not a zip file" in str(error) else str(error)
        raise Refusal(text) from error
    # zlib.error, EOFError, struct.error …: a hostile archive can make the zip library raise nearly anything.
    except Exception as error:
        raise Refusal(f"{path} is not the archive of a model: {error}") from error


class _Reader:
    """Reads members by name, as long as they are not too much in all."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._left = MAX_BYTES
        infos = archive.infolist()
        if len(infos) > MAX_MEMBERS:
            raise ValueError(f"it has {len(infos)} members, more than {MAX_MEMBERS}")
        self._names = {info.filename: info for info in infos}

    @property
    def names(self) -> Iterable[str]:
        """The names of all members."""
        return self._names

    def need(self, name: str) -> bytes:
        """Return the content of a member.

        Raises:
            ValueError: there is none.
        """
        content = self.read(name)
        if content is None:
            raise ValueError(f"{name} is missing")
        return content

    def read(self, name: str) -> bytes | None:
        """Return the content of a member, None when there is none; the size in its header is not believed.

        Raises:
            ValueError: it is too large, or its name leads out of the archive, which it would also do where it is
                written again.
        """
        if "\\" in name or not {"", ".", ".."}.isdisjoint(name.split("/")):
            raise ValueError(f"{name!r} is no name of a member")
        info = self._names.get(name)
        if info is None:
            return None
        with self._archive.open(info) as member:
            content = member.read(self._left + 1)
        if len(content) > self._left:
            raise ValueError(f"it unpacks to more than {MAX_BYTES} bytes")
        self._left -= len(content)
        return content


def _fill(cache: ModelCache, reader: _Reader, definition: Mapping[str, Any], later: bool) -> None:
    modules = definition.get("component_define", {})
    checkpoints = checkpoint_folders(reader.names) if later else {}
    for component, aliases in definition.get("model_proto", {}).items():
        module = modules.get(component, {}).get("module_name", "")
        for alias, messages in aliases.items():
            folder = f"variables/data/{component}/{alias}"
            buffers = {name: reader.need(f"{folder}/{name}") for name in messages}
            if component == "pipeline":
                cache.pipeline = pipeline_from_bytes(buffers["Pipeline"])
            else:
                own = {
                    name: later_message(message) if later else message
                    for name, message in messages.items()
                }
                model = model_from_buffers(module, own, buffers)
                cache.put_model(component, module, alias, model)
        # The later lines keep more beside the model of a component.
        if later and (parameters := reader.read(parameters_file(component))) is not None:
            cache.run_parameters[component] = read_parameters(parameters)
        if folders := checkpoints.get(component):
            cache.checkpoints[component] = read_checkpoints(module, folders, reader.need)


def export_archive(models: Models, party_model: str, model_version: object) -> bytes | None:
    """Return the archive of one party's part of a model (model/export), None when there is none."""
    cache = models.caches.get(party_model, model_version)
    return None if cache is None else pack(cache)


def import_archive(
    models: Models, config: Mapping[str, Any], file: IO[bytes], path: str, *, later: bool = False
) -> None:
    """Take in the archive of a model (POST model/import).

    The model is filed under the ids of the request, whatever those in the archive are.

    Args:
        models: the models of the server.
        config: `role`, `party_id`, `model_id`, `model_version`.
        file: the archive.
        path: what the real server would call the file, for texts.
        later: whether its buffers are those of the later lines.

    Raises:
        Refusal: the model exists, the archive is no good, or the party had no part in the model. With quirks, nobody
            here knows the model yet: then only its files are kept.
    """
    role, party_id, version = config["role"], config["party_id"], config["model_version"]
    cache = ModelCache(Party.of(role, party_id), config["model_id"], str(version))
    if cache in models.caches:
        raise Refusal(f"Model {cache.party_model_id} {version} local cache already existed")
    root = models.root
    try:
        unpack(file, cache, path=path, root=root, later=later)
    finally:
        # The real server makes the directory first, and leaves it behind when the archive is no good.
        models.caches.put(cache)
    pipeline = cache.read_pipeline(root)
    conf = pipeline["train_runtime_conf"]
    if not _is_member(party_id, conf):
        models.caches.drop(cache)
        # The real server forgets to put the party in.
        raise Refusal("party id {} is not in model roles, please check if the party id is valid.")
    trained = _common_parameters(conf).get("model_version")
    if not any(models.rows.find(job_id=trained, role=role)):
        if models.quirks:
            raise Refusal(_NO_WORK_MODE)
        models.add_row(cache, pipeline, imported=1)


#: The real server leaves out the work mode, which the column demands.
_NO_WORK_MODE = (
    "Create <Model: MachineLearningModelInfo> failed:\n"
    "ConstraintError: NOT NULL constraint failed: t_machine_learning_model_info.f_work_mode"
)


def _common_parameters(conf: Mapping[str, Any]) -> Mapping[str, Any]:
    parameters: Mapping[str, Any] = conf.get("job_parameters", {})
    if int(conf.get("dsl_version", 1)) == 1:
        return parameters
    common: Mapping[str, Any] = parameters.get("common", {})
    return common


def _is_member(party_id: object, conf: Mapping[str, Any]) -> bool:
    return any(
        str(party_id) == str(member)
        for members in conf.get("role", {}).values()
        for member in members
    )
