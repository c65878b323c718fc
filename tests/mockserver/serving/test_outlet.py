"""Head and body of an answer leave together."""

from __future__ import annotations

from typing import Any

import pytest

from flowkit_mockserver.serving.outlet import Outlet


class Transport:
    """Notes what is written, and in how many goes."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.is_open = True

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def writelines(self, pieces: tuple[bytes, ...]) -> None:
        self.written.append(b"".join(pieces))

    def close(self) -> None:
        self.is_open = False


@pytest.fixture
def way() -> tuple[Any, Transport]:
    transport: Any = Transport()
    return Outlet(transport), transport


def test_what_is_held_back_leaves_with_what_comes_next(way: tuple[Any, Transport]) -> None:
    outlet, transport = way
    outlet.hold()
    outlet.write(b"head ")
    assert transport.written == []
    outlet.write(b"body")
    outlet.release()
    outlet.write(b"more")

    assert transport.written == [b"head body", b"more"]


def test_a_head_without_a_body_leaves_at_the_end(way: tuple[Any, Transport]) -> None:
    outlet, transport = way
    outlet.hold()
    outlet.write(b"head")
    outlet.release()
    outlet.write(b"next")

    assert transport.written == [b"head", b"next"]


def test_a_connection_that_is_closed_has_sent_all(way: tuple[Any, Transport]) -> None:
    outlet, transport = way
    outlet.hold()
    outlet.write(b"head")
    outlet.close()

    assert (transport.written, outlet.is_open) == ([b"head"], False)
