"""The innermost ``flowkit_call``: sends the request, again where that is safe and worth it.

Safe to repeat is a connection that was never made, any read, and what was turned away unread (429).
A write that may have arrived is never sent twice.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from flowkit.call.markers import hookimpl
from flowkit.call.model import Call, Response
from flowkit.errors import TimedOut, TransportError
from flowkit.forks import renew_in_children

__all__ = ["Attempts", "Retry", "retry_after"]

TRANSIENT = frozenset({429, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Retry:
    """How failed attempts are repeated.

    Attributes:
        attempts: attempts in all, the first included; 1 never repeats.
        base: seconds up to which the first pause may last; each further one may last twice as long.
        longest: seconds no pause exceeds, ``Retry-After`` included.
        budget: repeats a client may have outstanding before it stops repeating; every call that
            succeeds gives some of it back, so that a failing server is not flooded.
    """

    attempts: int = 3
    base: float = 0.1
    longest: float = 5.0
    budget: int = 50


class Attempts:
    """Runs ``flowkit_send`` until it answers, under the client's retry settings and clock.

    Args:
        retry: how often and how fast to repeat.
        choose: picks a pause between two bounds in seconds; at random unless given, so that
            clients that failed together do not come back together.
    """

    name = "attempts"

    def __init__(
        self,
        retry: Retry,
        choose: Callable[[float, float], float] | None = None,
    ) -> None:
        self._retry = retry
        self._choose = choose or _random_pause
        self._spent = 0.0
        self.renew_after_fork()
        renew_in_children(self)

    def renew_after_fork(self) -> None:
        """Make the lock anew, which another thread of the parent may have held."""
        self._lock = threading.Lock()

    @hookimpl(trylast=True)
    def flowkit_call(self, call: Call) -> Response:
        """Send, and repeat what failed and may be repeated."""
        __tracebackhide__ = True
        retry: Retry = call.options.get("retry", self._retry)
        while True:
            call.attempt += 1
            try:
                response = call.client.hooks.send(call, call.request)
            except TransportError as error:
                may_repeat = call.operation.reads or not error.sent
                pause = self._pause(call, retry, None) if may_repeat else None
                if pause is None:
                    raise
                self._sleep(call, pause, error)
                continue
            if response.status in TRANSIENT and (call.operation.reads or response.status == 429):
                pause = self._pause(call, retry, response)
                if pause is not None:
                    response.close()
                    self._sleep(call, pause, None)
                    continue
            if self._spent:
                self._refund()
            return response

    def _pause(self, call: Call, retry: Retry, response: Response | None) -> float | None:
        """Return how long to wait before the next attempt; None when there is to be none."""
        if call.attempt >= retry.attempts:
            return None
        with self._lock:
            if self._spent >= retry.budget:
                return None
            self._spent += 1
        if response is not None:
            wanted = retry_after(response.headers.get("Retry-After", ""), call.client.clock.now())
            if wanted is not None:
                return min(wanted, retry.longest)
        return self._choose(0.0, min(retry.base * 2 ** (call.attempt - 1), retry.longest))

    def _sleep(self, call: Call, pause: float, error: Exception | None) -> None:
        left = call.seconds_left()
        if left is not None and pause > left:
            text = (
                f"{call.operation.name}: the deadline leaves no time for attempt {call.attempt + 1}"
            )
            raise TimedOut(text, sent=True) from error
        call.client.clock.sleep(pause)

    def _refund(self) -> None:
        with self._lock:
            self._spent = max(0.0, self._spent - 0.5)


def retry_after(value: str, now: float) -> float | None:
    """Return how many seconds the header ``Retry-After`` asks for; None when it cannot be read.

    Args:
        value: seconds, or a date.
        now: the present, in seconds since the epoch.
    """
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    if not text:
        return None
    from email.utils import parsedate_to_datetime  # rarely needed, and slow to import

    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except (ValueError, OverflowError):  # it is no date
        return None


def _random_pause(least: float, most: float) -> float:
    import random  # rarely needed, and slow to import

    return random.uniform(least, most)
