"""Failures on demand: which requests are to fail, how and how often."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

__all__ = ["Faults", "HttpFailure"]


@dataclass(slots=True)
class HttpFailure:
    """An answer that a request gets instead of its own.

    Attributes:
        path: pattern of the path below ``/v1/``, such as ``"job/*"``.
        status: HTTP status.
        retry_after: value of the header `Retry-After`, None for no such header.
        left: how many requests it still hits; None for all.
    """

    path: str
    status: int
    retry_after: str | None
    left: int | None


class Faults:
    """The HTTP failures that wait for a request. Failing components are a matter of the jobs."""

    def __init__(self) -> None:
        self._waiting: list[HttpFailure] = []

    def add(
        self,
        path: str = "*",
        status: int = 503,
        *,
        times: int | None = 1,
        retry_after: str | None = None,
    ) -> None:
        """Let the next `times` requests to `path` fail with `status`; None means all."""
        self._waiting.append(HttpFailure(path, status, retry_after, times))

    def take(self, path: str) -> HttpFailure | None:
        """Return the failure that hits a request to `path` now, and count it; else None."""
        for failure in self._waiting:
            if fnmatchcase(path, failure.path):
                if failure.left is not None:
                    failure.left -= 1
                    if failure.left <= 0:
                        self._waiting.remove(failure)
                return failure
        return None

    def clear(self) -> None:
        """Forget them all."""
        self._waiting.clear()

    def __len__(self) -> int:
        return len(self._waiting)
