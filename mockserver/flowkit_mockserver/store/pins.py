"""Who reads which rows: a set that is pinned stays where it is, although no table has it any more."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from flowkit_mockserver.store.interface import Database

__all__ = ["LocalPins", "Pin", "Pins", "SharedPins"]


class Pin(NamedTuple):
    """Keeps a set of rows where it is: the set, and a number that no other pin has."""

    rows_id: int
    number: int


class Pins(Protocol):
    """All pins."""

    def add(self, rows_id: int) -> Pin:
        """Pin a set."""

    def remove(self, pin: Pin) -> None:
        """Take a pin out; harmless when it is out."""

    def __contains__(self, rows_id: object) -> bool: ...

    def clear(self) -> None:
        """Take all pins out, because the sets are gone."""


class LocalPins:
    """The pins of a server that shares its state with no other."""

    def __init__(self) -> None:
        self._pins: dict[int, set[Pin]] = {}
        self._count = 0

    def add(self, rows_id: int) -> Pin:
        """Pin a set."""
        self._count += 1
        pin = Pin(rows_id, self._count)
        self._pins.setdefault(rows_id, set()).add(pin)
        return pin

    def remove(self, pin: Pin) -> None:
        """Take a pin out."""
        pins = self._pins.get(pin.rows_id)
        if pins is not None:
            pins.discard(pin)
            if not pins:
                del self._pins[pin.rows_id]

    def __contains__(self, rows_id: object) -> bool:
        return rows_id in self._pins

    def clear(self) -> None:
        """Take all pins out."""
        self._pins.clear()


class SharedPins:
    """The pins of all workers on a database. Those of a worker that died are taken out with it.

    Args:
        database: the database.
    """

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, rows_id: int) -> Pin:
        """Pin a set."""
        sql = "INSERT INTO flowkit_pins (rows_id, owner) VALUES (:rows_id, :owner) RETURNING number"
        found = self._db.write(sql, {"rows_id": rows_id, "owner": self._db.owner})
        return Pin(rows_id, int(found[0][0]))

    def remove(self, pin: Pin) -> None:
        """Take a pin out."""
        self._db.write("DELETE FROM flowkit_pins WHERE number = :number", {"number": pin.number})

    def __contains__(self, rows_id: object) -> bool:
        sql = "SELECT 1 FROM flowkit_pins WHERE rows_id = :rows_id"
        return bool(self._db.read(sql, {"rows_id": rows_id}))

    def clear(self) -> None:
        """The table of the pins is cleared with the rest."""
