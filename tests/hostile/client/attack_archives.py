"""Archives that were damaged, or made to do damage: nothing but an `ArchiveError`, or all of it."""

from __future__ import annotations

import gzip
import io
import random
import shutil
import tarfile
import tempfile
import time
import traceback
import zipfile
from functools import cache
from pathlib import Path

from flowkit import FlowError
from flowkit.files.archives import Limits, unpack
from tests.hostile.client.watching import Memory
from tests.hostile.finding import Finding

__all__ = ["attack"]

MOST_MEMORY = 120 * 1024**2
LONGEST = 5.0  # seconds for one archive
LIMITS = Limits(total=64 * 1024**2, members=5000)
FILES = {
    "guest/9999/lr_0/std.log": b"all is well\n" * 400,
    "guest/9999/lr_0/ERROR.log": b"",
    "data.csv": b"id,y\n1,0\n" * 200,
    "very/" + "long/" * 24 + "name.txt": b"x" * 512,
    "ünï.txt": bytes(range(256)) * 4,
}
KINDS = ("tar", "tar.gz", "pax", "zip", "zip stored")


def attack(seed: int, count: int) -> Finding:
    """Unpack `count` mutated archives."""
    found = Finding("mutated archives", count)
    originals = {kind: _make(kind) for kind in KINDS}
    outcomes: dict[str, int] = {}
    slowest = 0.0
    with tempfile.TemporaryDirectory() as folder, Memory() as memory:
        archive, into = Path(folder, "archive"), Path(folder, "into")
        for number in range(count):
            chance = random.Random(f"{seed}/{number}")
            kind = KINDS[number % len(KINDS)]
            content, how = _mutate(originals[kind], kind, chance)
            what = f"{seed}/{number} {kind} {how}"
            archive.write_bytes(content)
            into.mkdir()
            began = time.monotonic()
            try:
                unpack(archive, into, LIMITS)
                outcome = "whole"
                if fault := _fault(into, how):
                    found.faults.append(f"{what}: taken for whole, {fault}")
            except FlowError as error:
                outcome = type(error).__name__
            except Exception as error:  # every escape is what is looked for
                outcome = type(error).__name__
                where = traceback.extract_tb(error.__traceback__)[-1]
                found.faults.append(f"{what}: {error!r:.80} at {where.name}:{where.lineno}")
            took = time.monotonic() - began
            slowest = max(slowest, took)
            if took > LONGEST:
                found.faults.append(f"{what}: {outcome} after {took:.1f} s")
            outcomes[outcome] = outcomes.get(outcome, 0) + 1
            if {path.name for path in Path(folder).iterdir()} != {"archive", "into"}:
                found.faults.append(f"{what}: something was written outside")
            shutil.rmtree(into)
        if memory.most > MOST_MEMORY:
            found.faults.append(f"{memory.most >> 20} MB of memory")
    told = ", ".join(f"{name} {times}" for name, times in sorted(outcomes.items()))
    found.detail = f"at most {slowest:.2f} s, {memory.most >> 20} MB; {told}"
    return found


def _fault(into: Path, how: str) -> str:
    """Return what is wrong with what came out of a damaged archive; empty when nothing is.

    A tar has no checksum but of its headers: contents, and names in headers of pax, may differ.
    """
    if how.startswith("made"):
        return "which it is not"
    there = {
        str(path.relative_to(into)): path.read_bytes() for path in into.rglob("*") if path.is_file()
    }
    if how.startswith("content"):
        return ""
    return "" if there == FILES else "with other contents or names"


def _make(kind: str) -> bytes:
    buffer = io.BytesIO()
    if kind.startswith("zip"):
        method = zipfile.ZIP_STORED if kind == "zip stored" else zipfile.ZIP_DEFLATED
        with zipfile.ZipFile(buffer, "w", method) as zipped:
            for name, content in FILES.items():
                zipped.writestr(name, content)
        return buffer.getvalue()
    form = tarfile.PAX_FORMAT if kind == "pax" else tarfile.GNU_FORMAT
    mode = "w:gz" if kind == "tar.gz" else "w:"
    with tarfile.open(fileobj=buffer, mode=mode, format=form) as tar:  # type: ignore[call-overload]
        for name, content in FILES.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def _mutate(original: bytes, kind: str, chance: random.Random) -> tuple[bytes, str]:
    """Return a damaged archive, and what was done to it."""
    choice = chance.random()
    content = bytearray(original)
    size = len(content)
    if choice < 0.3:
        for _ in range(chance.choice((1, 1, 1, 2, 8))):
            content[chance.randrange(size)] ^= 1 << chance.randrange(8)
        # Contents of a plain tar are not protected by anything.
        return bytes(content), "content: bits" if kind in ("tar", "pax") else "bits"
    if choice < 0.5:
        # What follows the second block of zeros fills up a tar, and means nothing.
        end = len(original.rstrip(b"\0")) if kind in ("tar", "pax") else size
        return bytes(content[: chance.randrange(end)]), "made shorter"
    if choice < 0.6:
        at, length = chance.randrange(size), chance.randint(1, 600)
        content[at : at + length] = bytes(length)
        return bytes(content[:size]), "content: zeros" if kind in ("tar", "pax") else "zeros"
    if choice < 0.7:
        at, length = chance.randrange(size), chance.choice((1, 511, 512, 513, 1024))
        del content[at : at + length]
        return bytes(content), "content: piece gone" if kind in ("tar", "pax") else "piece gone"
    if choice < 0.8:
        at = chance.randrange(size)
        content[at:at] = chance.randbytes(chance.choice((1, 512, 1024)))
        return bytes(content), "content: piece added" if kind in ("tar", "pax") else "piece added"
    return _forge(chance, kind)


def _forge(chance: random.Random, kind: str) -> tuple[bytes, str]:
    """Return an archive that was made to do damage."""
    if kind.startswith("zip"):
        return _forge_zip(chance)
    info = tarfile.TarInfo("x")
    blocks: list[bytes] = []
    forged = chance.randrange(12)
    if forged == 0:  # headers that are no members
        for _ in range(chance.choice((5, 2000, 6000))):
            info.name, info.type, info.size = "././@LongLink", tarfile.GNUTYPE_LONGNAME, 5
            blocks += [info.tobuf(tarfile.GNU_FORMAT), b"name\0".ljust(512, b"\0")]
    elif forged == 1:  # a header of a size that none has
        info.type, info.size = chance.choice((b"L", b"x", b"g", b"K")), 2 ** chance.randint(14, 62)
        blocks = [info.tobuf(tarfile.GNU_FORMAT)]
    elif forged == 2:  # members in great number
        blocks = [info.tobuf(tarfile.GNU_FORMAT)] * 6000
    elif forged == 3:  # deep
        info.name = "d/" * chance.choice((40, 2000)) + "x"
        blocks = [info.tobuf(tarfile.GNU_FORMAT)]
    elif forged == 4:  # outside
        info.name = chance.choice(
            ("../x", "/tmp/x", "a/../../x", "c:x", "a\\x", "", ".", "..", "/")
        )
        blocks = [info.tobuf(tarfile.GNU_FORMAT)]
    elif forged == 5:
        info.type, info.linkname = chance.choice((b"1", b"2", b"3", b"4", b"6", b"S", b"Z")), "/etc"
        blocks = [info.tobuf(tarfile.GNU_FORMAT)]
    elif forged == 6:  # a size that is none
        block = bytearray(info.tobuf(tarfile.GNU_FORMAT))
        block[124:136] = chance.choice(
            (b"\xff" * 12, b"\x80" + b"\xff" * 11, b"99999999999\0", b" " * 12)
        )
        block[148:156] = b"%06o\0 " % (256 + sum(block[:148]) + sum(block[156:]))
        blocks = [bytes(block)]
    elif forged == 7:  # pax records that are none
        text = chance.choice((b"99 path=x\n", b"0 a=b\n", b"-5 path=x\n", b"11 size=-1\n", b"6 =ab\n", b"x",
                              b"24 GNU.sparse.major=1 0\n", b"20 size=99999999999\n", b"9" * 300))  # fmt: skip
        info.type, info.size = b"x", len(text)
        blocks = [info.tobuf(tarfile.GNU_FORMAT), text.ljust(512, b"\0")]
        blocks.append(tarfile.TarInfo("y").tobuf(tarfile.GNU_FORMAT))
    elif forged == 8:  # a name that is too long
        info.name = "n" * chance.choice((256, 2000, 7000))
        blocks = [info.tobuf(tarfile.GNU_FORMAT)]
    elif forged == 9:  # a bomb
        info.size = 2**40
        return _bomb(), "made a bomb"
    elif forged == 10:  # the same name twice
        blocks = [info.tobuf(tarfile.GNU_FORMAT)] * 2
    else:  # gzip with a name without end
        return b"\x1f\x8b\x08\x08" + bytes(6) + b"x" * 500_000, "made a gzip name"
    return b"".join([*blocks, bytes(1024)]), f"made to do damage ({forged})"


@cache
def _bomb() -> bytes:
    info = tarfile.TarInfo("x")
    info.size = 2**40
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="w", compresslevel=1) as file:
        file.write(info.tobuf(tarfile.GNU_FORMAT))
        for _ in range(200):
            file.write(bytes(1024**2))
    return packed.getvalue()


@cache
def _zip_bomb() -> bytes:
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as zipped,
        zipped.open("bomb", "w") as file,
    ):
        for _ in range(66):
            file.write(bytes(1024**2))
    return packed.getvalue()


def _forge_zip(chance: random.Random) -> tuple[bytes, str]:
    forged = chance.randrange(5)
    buffer = io.BytesIO()
    if forged == 0:
        with zipfile.ZipFile(buffer, "w") as zipped:
            for number in range(5500):
                zipped.writestr(str(number), b"")
    elif forged == 1:
        name = chance.choice(("../x", "/x", "a/../../x", "c:x", "d/" * 40 + "x", "n" * 300))
        with zipfile.ZipFile(buffer, "w") as zipped:
            zipped.writestr(name, b"x")
    elif forged == 2:
        with zipfile.ZipFile(
            buffer, "w", chance.choice((zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA))
        ) as it:
            it.writestr("x", b"x" * 100)
    elif forged == 3:
        return _zip_bomb(), "made a bomb"
    else:  # a directory that says that it is far larger, or elsewhere
        content = bytearray(_make("zip"))
        at = len(content) - 22 + chance.choice((8, 10, 12, 16, 20))
        for offset in range(chance.choice((1, 2))):
            content[at + offset] ^= chance.randint(1, 255)
        return bytes(content), "made a false directory"
    return buffer.getvalue(), f"made to do damage ({forged})"
