"""The folders of models in a directory, as the real server keeps them in its ``model_local_cache``.

Each party's part of a model lies below its party model id and its version:
``guest#9999#guest-9999#host-10000#model/202106011003206754960/``. Nothing is read there but whether it is there.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from flowkit_mockserver.dialects import Dialect
from flowkit_mockserver.models.cache import ModelCache
from flowkit_mockserver.models.files.members import members_on

__all__ = ["ModelFolders"]

log = logging.getLogger(__name__)

_DEPTH = 2
_LONGEST_NAME = 255


class ModelFolders:
    """The folders that a server keeps.

    Args:
        directory: where they lie; it is made when it is not there.
        dialect: how the server speaks, which says what a folder holds.

    Raises:
        OSError: the directory cannot be made.
    """

    def __init__(self, directory: Path, dialect: Dialect) -> None:
        self.directory = directory
        self._members = members_on(dialect)
        self._kept: set[str] = set()
        directory.mkdir(parents=True, exist_ok=True)

    def _place(self, key: str) -> Path | None:
        """Return where a model lies; None when its ids are no names of folders."""
        parts = key.split("/")
        if len(parts) != _DEPTH or not all(map(_is_name, parts)):
            return None
        return self.directory.joinpath(*parts)

    def __iter__(self) -> Iterator[str]:
        """Yield the keys of the models that have a folder here."""
        return iter(list(self._kept))

    def find(self, key: str) -> bool:
        """Say whether a model needs no folder: it has one, or had one that somebody has removed."""
        place = self._place(key)
        if place is not None and place.is_dir():
            self._kept.add(key)
        return key in self._kept

    def is_removed(self, key: str) -> bool:
        """Say whether somebody has removed the folder of a model."""
        if key not in self._kept:
            return False
        place = self._place(key)
        return place is not None and not place.is_dir()

    def write(self, cache: ModelCache) -> None:
        """Put the folder of a model in place, whole, instead of the one that is there; what fails is logged."""
        place = self._place(cache.key)
        if place is None:
            log.warning("%r is no place for a model below %s", cache.key, self.directory)
            return
        try:
            with tempfile.TemporaryDirectory(prefix=".writing-", dir=self.directory) as made:
                fresh = Path(made, place.name)
                self._fill(fresh, cache)
                place.parent.mkdir(exist_ok=True)
                if place.is_dir():
                    place.replace(Path(made, "before"))
                fresh.replace(place)
        except OSError as error:
            log.error("the folder of model %s could not be written: %s", cache.key, error)
            return
        self._kept.add(cache.key)

    def _fill(self, folder: Path, cache: ModelCache) -> None:
        folder.mkdir()
        for name, content in self._members(cache):
            parts = name.removesuffix("/").split("/")
            if not all(map(_is_name, parts)):
                log.warning("%r of model %s is not written: no name of a file", name, cache.key)
                continue
            path = folder.joinpath(*parts)
            if name.endswith("/"):
                path.mkdir(parents=True, exist_ok=True)
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    def remove(self, key: str) -> None:
        """Remove the folder of a model, and that of its party model id after the last one; what fails is logged."""
        if key not in self._kept:
            return
        self._kept.discard(key)
        place = self._place(key)
        if place is None or not place.is_dir():
            return
        try:
            shutil.rmtree(place)
        except OSError as error:
            log.error("the folder of model %s could not be removed: %s", key, error)
        with contextlib.suppress(OSError):  # other versions lie there
            place.parent.rmdir()


def _is_name(text: str) -> bool:
    """Say whether a text is the name of one file or folder, on any system, and leads nowhere else."""
    if text in ("", ".", "..") or len(text.encode(errors="replace")) > _LONGEST_NAME:
        return False
    return text.isprintable() and not any(character in text for character in "/\\:")
