"""The exponential function with the last digits that it has on a real server, whose predictions print all of them.

The first lines run on numpy 1.18, which asks the C library. The later ones run on numpy 1.23, which on processors with
AVX-512 takes Intel's short vector library: with n the multiple of 1/16 next below x / ln 2 and r = x - n ln 2, the
result is 2ⁿ + 2ⁿ p(r), p a polynomial of degree 6, each product fused with the sum after it. One result in four ends
otherwise than the nearest number would. numpy 2 rounds in a way of its own.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["exact_product", "exponential", "exponentials_of_avx512"]

Floats = NDArray[np.float64]
_Numbers = Floats | np.float64
_STEPS = 16
#: ln 2 as a float, and what is left of it.
_LN2, _LN2_REST = float.fromhex("0x1.62e42fefa39efp-1"), float.fromhex("0x1.abc9e3b39803fp-56")
#: 1 / ln 2 as a float.
_LOG2_E = float.fromhex("0x1.71547652b82fep+0")
#: p without its first term, r: the factors of r² to r⁶.
_FACTORS = tuple(
    map(
        float.fromhex,
        (
            "0x1.0000000002622p-1",
            "0x1.5555554b508a2p-3",
            "0x1.555564bb4f5f0p-5",
            "0x1.1106603d97c00p-7",
            "0x1.72eb5ef0d213dp-10",
        ),
    )
)
#: 2 to the power of 0/16 … 15/16.
_POWERS = np.exp2(np.arange(_STEPS, dtype=np.longdouble) / _STEPS).astype(np.float64)
#: Beyond it results are left to numpy.
_LARGEST = 707.0
#: Values that are computed at a time, which stay near the processor.
_AT_ONCE = 4096
#: What a float is multiplied by to be split into halves whose products are exact.
_SPLITTER = 2.0**27 + 1

_wanted: ContextVar[bool] = ContextVar("exponentials of AVX-512", default=False)


@contextmanager
def exponentials_of_avx512() -> Iterator[None]:
    """Compute exponentials so inside of a ``with`` block."""
    token = _wanted.set(True)
    try:
        yield
    finally:
        _wanted.reset(token)


def exponential(values: Floats) -> Floats:
    """Return e to the power of each value, shape as given; the values are 0 at most."""
    values = np.asarray(values, dtype=np.float64)
    if not _wanted.get():
        grown = np.fromiter(map(math.exp, values.ravel().tolist()), np.float64, values.size)
        return grown.reshape(values.shape)
    found = np.exp(values)
    flat, results = np.ravel(values), found.reshape(-1)
    for start in range(0, len(flat), _AT_ONCE):
        block = flat[start : start + _AT_ONCE]
        within = np.abs(block) < _LARGEST
        results[start : start + _AT_ONCE][within] = _series(block[within])
    return found


def _series(x: Floats) -> Floats:
    high, low = exact_product(x, np.float64(_LOG2_E))
    steps = np.floor(high * _STEPS)
    # What the product was rounded up to is still below it.
    steps -= (steps == high * _STEPS) & (low < 0)
    whole = np.floor(steps / _STEPS)
    power = _POWERS[(steps - whole * _STEPS).astype(np.intp)]
    n = steps / _STEPS
    r = _fused(-n, np.float64(_LN2_REST), _fused(-n, np.float64(_LN2), x))
    square = r * r
    c2, c3, c4, c5, c6 = map(np.float64, _FACTORS)
    upper = _fused(square, _fused(r, c6, c5), _fused(r, c4, c3))
    total = _fused(square * r, upper, _fused(square, c2, r))
    return np.asarray(np.ldexp(_fused(power, total, power), whole.astype(np.intp)))


def _halves(values: _Numbers) -> tuple[_Numbers, _Numbers]:
    """Return numbers as sums of two that have half of the digits each."""
    scaled = values * _SPLITTER
    high = scaled - (scaled - values)
    return high, values - high


def exact_product(one: Floats, other: _Numbers) -> tuple[Floats, Floats]:
    """Return a product, and what rounding took from it."""
    found = one * other
    (a, b), (c, d) = _halves(one), _halves(other)
    return found, ((a * c - found) + a * d + b * c) + b * d


def _fused(one: Floats, other: _Numbers, added: _Numbers) -> Floats:
    """Return a product plus something, rounded once."""
    product, rest = exact_product(one, other)
    found = product + added
    back = found - product
    return np.asarray(found + (((product - (found - back)) + (added - back)) + rest))
