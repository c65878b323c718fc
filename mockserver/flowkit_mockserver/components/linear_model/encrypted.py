"""Gradients as they come out of the encryption: to the last digit those of a real server.

Notation: n samples of a batch, F the features of a party cut to fixed point, F = round(2ᵖ X); g the errors that the
guest computes by itself, h those of a host; e(x) a number as it is encoded for Paillier, x in steps of a power of 16.

=================  =====================================================================================
the parties take   gradient of the guest
=================  =====================================================================================
both shares        Σ F g / 2ᵖ / n  +  e(1/n) 2⁻ᵖ Σ F e(h)
(one host)
what the guest     e(1/n) 2⁻ᵖ Σ F (e(g) + e(h) e(w))
sends (masked      (w the weights of samples, g with them; summed over the hosts)
batches, several
hosts or weights)
=================  =====================================================================================

That of a host is the same with g and h exchanged. What is encrypted is summed exactly and rounded once, with the
penalty; what is not is summed partition by partition, in the order of the keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.columns.ids import Positions
from flowkit_mockserver.components.core.exponential import exact_product

__all__ = ["Encryption", "encoded"]

Floats = NDArray[np.float64]
#: n and s of a number n / 2ˢ: exact as a Fraction is, and quicker.
Dyadic = tuple[int, int]
#: Bits of the significand of a float.
_BITS = 53
#: Numbers below it are encoded as 0.
_SMALLEST = 1e-200
#: Bits of a number that are summed at a time; with fewer it is not worth while.
_FEWEST_BITS = 4


def encoded(values: Floats, finest: Positions | None = None) -> Floats:
    """Return numbers as they are encoded for the encryption.

    Args:
        values: shape (n,).
        finest: shape (n,): exponents of 16 of what they are added to, which are taken where they are finer.
    """
    exponents = _exponents(values)
    if finest is not None:
        exponents = np.maximum(exponents, finest)
    found = np.ldexp(np.rint(np.ldexp(values, 4 * exponents)), -4 * exponents)
    return np.where(np.abs(values) < _SMALLEST, 0.0, found)


def _exponents(values: Floats) -> Positions:
    """Return the exponents of 16 by which numbers become whole."""
    found = np.floor((_BITS - np.frexp(values)[1]) / 4).astype(np.intp)
    return np.where(np.abs(values) < _SMALLEST, 0, found)


def _dyadic(value: float) -> Dyadic:
    numerator, denominator = value.as_integer_ratio()
    return numerator, denominator.bit_length() - 1


def _sum(numbers: Iterable[Dyadic]) -> Dyadic:
    listed = list(numbers)
    scale = max((one[1] for one in listed), default=0)
    return sum(number << (scale - own) for number, own in listed), scale


def _rounded(number: Dyadic) -> float:
    """Return the nearest float."""
    whole, scale = number
    return whole / (1 << scale) if scale >= 0 else float(whole << -scale)


@lru_cache(maxsize=16)
def _share(count: int) -> Dyadic:
    """Return e(1/n)."""
    (divided,) = encoded(np.array([1 / count]))
    return _dyadic(float(divided))


def _exact_sums(whole: Floats, values: Floats) -> tuple[list[int], int] | None:
    """Return Σ F x for each column of F exactly; None if its numbers are too large for that.

    The numbers are cut into parts so short that a product of matrices adds them up without rounding.

    Args:
        whole: F, shape (n, d), whole numbers.
        values: x, shape (n,).

    Returns:
        the sums times 2ˢ, which are whole numbers, and s.
    """
    count, width = whole.shape
    largest = float(np.abs(whole).max(initial=0.0))
    used = int(np.frexp(largest)[1]) + int(np.frexp(float(count))[1])
    bits = _BITS - used
    top = int(np.frexp(np.abs(values).max(initial=0.0))[1])
    if bits < _FEWEST_BITS:
        return None
    parts: list[Floats] = []
    rest, scale = values, bits - top
    while np.any(rest):
        part = np.trunc(np.ldexp(rest, scale))
        rest = rest - np.ldexp(part, -scale)
        parts.append(part)
        scale += bits
    totals = [0] * width
    if parts:
        for numbers in (np.stack(parts) @ whole).astype(np.int64).tolist():
            totals = [
                (total << bits) + number for total, number in zip(totals, numbers, strict=True)
            ]
    return totals, scale - bits


@dataclass(frozen=True)
class Encryption:
    """How the parties of a batch share their errors.

    Attributes:
        precision: p, the bits of the fixed point of features.
        shared: whether each party computes with its own errors in the clear and those of the other encrypted.
    """

    precision: int
    shared: bool

    def gradients(
        self,
        features: Sequence[Floats],
        own: Floats,
        hosts: Sequence[Floats],
        penalties: Sequence[Floats],
        rows: Sequence[Positions],
        weights: Floats | None = None,
    ) -> tuple[list[Floats], float] | None:
        """Return the gradients of the parties, the guest's first, and that of the intercept.

        Args:
            features: by party, shapes (n, d of the party).
            own: g, shape (n,).
            hosts: h of each host, shapes (n,).
            penalties: by party what its penalty adds, shapes (d of the party,).
            rows: the positions of the samples of each partition, in the order in which they are stored there; they
                matter where the parties take both shares only.
            weights: w, shape (n,); None for ones.

        Returns:
            None if the numbers are too large to be summed exactly.
        """
        count = len(own)
        share, fineness = _share(count)
        found: list[Floats] = []
        for place, (values, penalty) in enumerate(zip(features, penalties, strict=True)):
            whole = np.rint(values * float(1 << self.precision))
            if self.shared:
                clear, hidden = (own, hosts[:1]) if place == 0 else (hosts[0], [own])
                plain = self._plain_sums(whole, clear, rows) / count
                parts = [encoded(errors) for errors in hidden]
            else:
                plain = np.zeros(values.shape[1])
                parts = _joined(own, hosts, weights)
            columns = [
                [_dyadic(one), _dyadic(other)]
                for one, other in zip(plain.tolist(), penalty.tolist(), strict=True)
            ]
            for part in parts:
                sums = _exact_sums(whole, part)
                if sums is None:
                    return None
                totals, scale = sums
                scale += self.precision + fineness
                for numbers, total in zip(columns, totals, strict=True):
                    numbers.append((total * share, scale))
            found.append(np.array([_rounded(_sum(numbers)) for numbers in columns]))
        return found, self._intercept(own, hosts, rows, weights)

    def _plain_sums(self, whole: Floats, errors: Floats, rows: Sequence[Positions]) -> Floats:
        total: Floats | None = None
        for chosen in rows:
            if not len(chosen):
                continue
            # One after the other: a plain sum would take them in pairs.
            part = np.cumsum(whole[chosen] * errors[chosen, None], axis=0)[-1]
            part = part / float(1 << self.precision)
            total = part if total is None else total + part
        return np.zeros(whole.shape[1]) if total is None else total

    def _intercept(
        self,
        own: Floats,
        hosts: Sequence[Floats],
        rows: Sequence[Positions],
        weights: Floats | None,
    ) -> float:
        share, fineness = _share(len(own))
        if not self.shared:
            total, scale = _sum(_whole_sum(part) for part in _joined(own, hosts, weights))
            return _rounded((total * share, scale + fineness))
        plain: float | None = None
        for chosen in rows:
            if len(chosen):
                part = float(np.cumsum(own[chosen])[-1])
                plain = part if plain is None else plain + part
        total, scale = _sum([_whole_sum(encoded(hosts[0])), _dyadic(plain or 0.0)])
        return _rounded((total * share, scale + fineness))


def _joined(own: Floats, hosts: Sequence[Floats], weights: Floats | None) -> list[Floats]:
    """Return the errors that the guest adds up and sends: numbers that make them up without rounding."""
    finest, parts = _exponents(hosts[0]), []
    if weights is None:
        parts = [encoded(errors) for errors in hosts]
    else:
        finest = finest + _exponents(weights)
        known = encoded(weights)
        for errors in hosts:
            parts += exact_product(encoded(errors), known)
    return [encoded(own, finest), *parts]


def _whole_sum(values: Floats) -> Dyadic:
    """Return the exact sum of numbers."""
    found = _exact_sums(np.ones((len(values), 1)), values)
    if found is None:
        return 0, 0
    (total,), scale = found
    return total, scale
