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


def _exact_sums(whole: Floats, parts: Sequence[Floats]) -> list[Dyadic] | None:
    """Return Σ F x for each column of F exactly; None if its numbers are too large for that.

    The numbers are cut into pieces so short that a product of matrices adds them up without rounding.

    Args:
        whole: F, shape (n, d), whole numbers.
        parts: arrays of shape (n,), of which x is the sum.
    """
    count, width = whole.shape
    largest = float(np.abs(whole).max(initial=0.0))
    bits = _BITS - int(np.frexp(largest)[1]) - int(np.frexp(float(count))[1])
    if bits < _FEWEST_BITS:
        return None
    found = []
    for values in parts:
        rest = values
        scale = bits - int(np.frexp(np.abs(rest).max(initial=0.0))[1])
        pieces: list[Floats] = []
        while rest.any():
            piece = np.trunc(np.ldexp(rest, scale))
            rest = rest - np.ldexp(piece, -scale)
            pieces.append(piece)
            scale += bits
        totals = [0] * width
        if pieces:
            for numbers in (np.stack(pieces) @ whole).astype(np.int64).tolist():
                totals = [
                    (total << bits) + number for total, number in zip(totals, numbers, strict=True)
                ]
        found.append([(total, scale - bits) for total in totals])
    return found[0] if len(found) == 1 else [_sum(column) for column in zip(*found, strict=True)]


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
        wholes = [np.rint(values * float(1 << self.precision)) for values in features]
        ones = np.ones((len(own), 1))
        if self.shared:
            first = _exact_sums(np.hstack([wholes[0], ones]), [encoded(hosts[0])])
            second = _exact_sums(wholes[1], [encoded(own)])
            if first is None or second is None:
                return None
            *hidden, last = first
            hidden += second
            plain = [
                self._plain_sums(whole, errors, rows) / len(own)
                for whole, errors in zip(wholes, (own, *hosts), strict=True)
            ]
            last = _sum([last, _dyadic(_plain_sum(own, rows))])
        else:
            sums = _exact_sums(np.hstack([*wholes, ones]), _joined(own, hosts, weights))
            if sums is None:
                return None
            *hidden, last = sums
            plain = [np.zeros_like(penalty) for penalty in penalties]
        share, fineness = _share(len(own))
        steps = [
            _rounded(_sum([_dyadic(clear), _dyadic(more), (total * share, scale + fineness)]))
            for clear, more, (total, scale) in zip(
                np.concatenate(plain).tolist(),
                np.concatenate(penalties).tolist(),
                [(total, scale + self.precision) for total, scale in hidden],
                strict=True,
            )
        ]
        ends = np.cumsum([len(penalty) for penalty in penalties])[:-1]
        intercept = _rounded((last[0] * share, last[1] + fineness))
        return np.split(np.array(steps), ends), intercept

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


def _plain_sum(errors: Floats, rows: Sequence[Positions]) -> float:
    total: float | None = None
    for chosen in rows:
        if len(chosen):
            part = float(np.cumsum(errors[chosen])[-1])
            total = part if total is None else total + part
    return total or 0.0


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
