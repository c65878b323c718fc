"""Claims that all workers on a database see."""

from __future__ import annotations

from flowkit_mockserver.store.shared.database import SharedDatabase

__all__ = ["SharedClaims", "bury"]

_TAKE = """
    INSERT INTO flowkit_claims (task, owner) VALUES (:task, :owner)
    ON CONFLICT (task) DO NOTHING RETURNING task"""
#: Of those who find a claim that nobody holds any more, one takes it and the others pass over it.
_ORPHANED = "SELECT task FROM flowkit_claims WHERE task = :task AND owner IS NULL"
_LOCKING = {"postgresql": " FOR UPDATE SKIP LOCKED", "sqlite": ""}
#: Whoever passed over a job because of a claim hears that the claim is free.
_TELL = "UPDATE flowkit_documents SET number = :number WHERE collection = 'jobs' AND key = :job_id"


class SharedClaims:
    """The claims of one worker among others; see `Claims`.

    Args:
        database: where they are.
    """

    shared = True

    def __init__(self, database: SharedDatabase) -> None:
        self._db = database

    def take(self, key: str) -> bool:
        """Take a claim; return False when another worker or thread has it."""
        mine = {"task": key, "owner": self._db.owner}
        if self._db.write(_TAKE, mine):
            return True
        orphaned = _ORPHANED + _LOCKING[self._db.engine.kind]
        if not self._db.read(orphaned, {"task": key}):
            return False
        self._db.write("UPDATE flowkit_claims SET owner = :owner WHERE task = :task", mine)
        return True

    def of_others(self) -> list[str]:
        """Return the keys of the claims that other workers have; those of a dead one are nobody's."""
        sql = "SELECT task FROM flowkit_claims WHERE owner <> :owner"
        return [str(key) for (key,) in self._db.read(sql, {"owner": self._db.owner})]

    def give_back(self, key: str) -> None:
        """Give a claim back, and tell all who wait for it."""
        sql = "DELETE FROM flowkit_claims WHERE task = :task AND owner = :owner RETURNING task"
        if self._db.write(sql, {"task": key, "owner": self._db.owner}):
            _tell(self._db, [key])

    def clear(self) -> None:
        """Give back all claims of this worker."""
        sql = "DELETE FROM flowkit_claims WHERE owner = :owner"
        self._db.write(sql, {"owner": self._db.owner})


def bury(database: SharedDatabase, living: set[str]) -> set[str]:
    """Give back what belongs to workers that are dead, within a section: claims and pins.

    Returns:
        the jobs that can go on.
    """
    jobs: set[str] = set()
    for table in ("flowkit_claims", "flowkit_pins"):
        found = database.read(f"SELECT DISTINCT owner FROM {table} WHERE owner IS NOT NULL")
        for owner in {str(row[0]) for row in found} - living:
            if table == "flowkit_pins":
                database.write(f"DELETE FROM {table} WHERE owner = :owner", {"owner": owner})
                continue
            sql = f"UPDATE {table} SET owner = NULL WHERE owner = :owner RETURNING task"
            jobs |= _tell(database, [str(row[0]) for row in database.write(sql, {"owner": owner})])
    return jobs


def _tell(database: SharedDatabase, keys: list[str]) -> set[str]:
    jobs = {key.partition("/")[0] for key in keys}
    if jobs and database.alone:
        number = database.number + 1
        database.write_many(_TELL, [{"job_id": job_id, "number": number} for job_id in jobs])
    return jobs
