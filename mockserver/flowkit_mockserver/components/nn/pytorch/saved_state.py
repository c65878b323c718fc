"""Networks and optimizers as the bytes that torch 1.12 saves, which every later torch reads as well.

The archive is a zip file whose members are stored as they are: the pickled objects, the numbers of each tensor, and the
version of the form. The numbers of a member begin at a multiple of 64 bytes; a field of padding in front of them makes
it so.
"""

from __future__ import annotations

import base64
import binascii
import io
import pickle
import struct
import zlib
from collections.abc import Mapping
from typing import Any

import torch

__all__ = ["load_state", "optimizer_state", "save_state"]

_FOLDER = "archive"
_ALIGNMENT = 64
#: UTF-8 names, and checksum and sizes once more behind the member.
_FLAGS = 0x0808
#: A padding field: its mark, and what fills it.
_PADDING_MARK, _PADDING_HEAD, _FILL = b"FB", struct.Struct("<2sH"), b"Z"
#: Version 3.0 of the form, as written on Unix.
_MADE_BY = 0x031E
#: The bytes of a member before its name.
_HEAD_SIZE = 30
#: What the groups of an optimizer say in torch 1.12, in this order; further entries are of later releases.
_GROUP_ENTRIES: Mapping[str, tuple[str, ...]] = {
    "Adadelta": ("rho", "lr", "eps", "weight_decay", "foreach"),
    "Adagrad": (
        "lr",
        "lr_decay",
        "eps",
        "weight_decay",
        "initial_accumulator_value",
        "foreach",
        "maximize",
    ),
    "Adam": (
        "lr",
        "betas",
        "eps",
        "weight_decay",
        "amsgrad",
        "maximize",
        "foreach",
        "capturable",
    ),
    "AdamW": (
        "lr",
        "betas",
        "eps",
        "weight_decay",
        "amsgrad",
        "foreach",
        "maximize",
        "capturable",
    ),
    "Adamax": ("lr", "betas", "eps", "weight_decay", "foreach"),
    "RMSprop": ("lr", "momentum", "alpha", "eps", "centered", "weight_decay", "foreach"),
    "SGD": ("lr", "momentum", "dampening", "weight_decay", "nesterov", "maximize", "foreach"),
}


def optimizer_state(optimizer: Any, define: Mapping[str, Any]) -> dict[str, Any]:
    """Return the state of an optimizer, its groups as torch 1.12 has them: with arguments as `define` gave them."""
    state = optimizer.state_dict()
    entries = _GROUP_ENTRIES.get(type(optimizer).__name__)
    if entries is not None:
        state["param_groups"] = [
            {name: define.get(name, group[name]) for name in (*entries, "params") if name in group}
            for group in state["param_groups"]
        ]
    if isinstance(optimizer, torch.optim.SGD) and not state["state"]:
        # What has no momentum is noted all the same.
        every = [values for group in optimizer.param_groups for values in group["params"]]
        state["state"] = {
            place: {"momentum_buffer": None}
            for place, values in enumerate(every)
            if values.requires_grad
        }
    return dict(state)


class _StatePickler(pickle.Pickler):
    """Writes objects with the numbers of their tensors left out, and keeps these."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file, protocol=2)
        self.numbers: list[Any] = []
        self._places: dict[int, str] = {}

    def persistent_id(self, given: Any) -> Any:
        if not isinstance(given, torch.storage.TypedStorage):
            return None
        numbers = given._untyped_storage
        place = self._places.get(numbers.data_ptr()) if numbers.nbytes() else None
        if place is None:
            place = self._places[numbers.data_ptr()] = str(len(self.numbers))
            self.numbers.append(numbers)
        kind = getattr(torch, given._pickle_storage_type())
        return "storage", kind, place, "cpu", given._size()


def _bytes(numbers: Any) -> bytes:
    content: bytes = torch.empty(0, dtype=torch.uint8).set_(numbers).numpy().tobytes()
    return content


class _Archive:
    """A zip file being written, its members stored and aligned."""

    def __init__(self) -> None:
        self._parts, self._directory = io.BytesIO(), io.BytesIO()
        self._count = 0

    def add(self, name: str, content: bytes) -> None:
        path = f"{_FOLDER}/{name}".encode()
        start, size, checksum = self._parts.tell(), len(content), zlib.crc32(content)
        filled = -(start + _HEAD_SIZE + len(path) + _PADDING_HEAD.size) % _ALIGNMENT
        padding = _PADDING_HEAD.pack(_PADDING_MARK, filled) + _FILL * filled
        # Checksum and sizes stand behind the member only, and in the directory.
        head = (0x04034B50, 0, _FLAGS, 0, 0, 0, 0, 0, 0, len(path), len(padding))
        self._parts.write(struct.pack("<IHHHHHIIIHH", *head) + path + padding + content)
        self._parts.write(struct.pack("<IIII", 0x08074B50, checksum, size, size))
        entry = (0x02014B50, 0, 0, _FLAGS, 0, 0, 0, checksum, size, size, len(path))
        self._directory.write(struct.pack("<IHHHHHHIIIHHHHHII", *entry, 0, 0, 0, 0, 0, start))
        self._directory.write(path)
        self._count += 1

    def content(self) -> bytes:
        at, directory = self._parts.tell(), self._directory.getvalue()
        counts = (self._count, self._count, len(directory), at)
        end64 = struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, _MADE_BY, 45, 0, 0, *counts)
        locator = struct.pack("<IIQI", 0x07064B50, 0, at + len(directory), 1)
        end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, *counts, 0)
        return self._parts.getvalue() + directory + end64 + locator + end


def save_state(state: Any) -> str:
    """Return what torch 1.12 saves of `state` (maps, lists, numbers, texts and tensors), in base64."""
    objects = io.BytesIO()
    pickler = _StatePickler(objects)
    pickler.dump(state)
    archive = _Archive()
    archive.add("data.pkl", objects.getvalue())
    for place, numbers in enumerate(pickler.numbers):
        archive.add(f"data/{place}", _bytes(numbers))
    archive.add("version", b"3\n")
    return base64.b64encode(archive.content()).decode()


def load_state(saved: str) -> Any:
    """Return what was saved; only maps, lists, numbers, texts and tensors are read, no code is.

    Raises:
        ValueError: it is nothing that torch saved, or holds other objects.
    """
    try:
        content = base64.b64decode(saved, validate=True)
        return torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except (binascii.Error, EOFError, OSError, RuntimeError, pickle.UnpicklingError) as problem:
        raise ValueError(
            f"the network of this model is not in the form that torch saves: {problem}"
        ) from problem
