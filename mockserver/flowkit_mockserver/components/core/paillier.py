"""Numbers that one party encrypts and another keeps: Paillier's scheme, over FATE's encoding of floats.

Notation: n = pq the public key, m a whole number modulo n, r one that chance picked:

=========  =======================================================
encrypted  c = (1 + mn) rⁿ mod n²
decrypted  m = ((c^λ mod n²) - 1) / n · λ⁻¹ mod n, λ = (p - 1)(q - 1)
encoded    m = round(16ᵉ x) mod n, e = ⌊(53 - b) / 4⌋ for a float x below 2ᵇ
=========  =======================================================
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from flowkit_mockserver.proto.documents import message

__all__ = ["Cipher"]

_MANTISSA_BITS = 53
#: Numbers below it are encoded as 0.
_SMALLEST = 1e-200
#: Rounds of the Miller-Rabin test: a composite passes one of them with a chance below 1/4.
_ROUNDS = 24
_SMALL_PRIMES = [
    number
    for number in range(3, 2000, 2)
    if all(number % k for k in range(3, math.isqrt(number) + 1, 2))
]


def _is_prime(number: int, chance: Random) -> bool:
    if any(number % small == 0 for small in _SMALL_PRIMES):
        return False
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for _ in range(_ROUNDS):
        power = pow(chance.randrange(2, number - 1), odd, number)
        if power in (1, number - 1):
            continue
        for _ in range(twos - 1):
            power = power * power % number
            if power == number - 1:
                break
        else:
            return False
    return True


def _prime(bits: int, chance: Random) -> int:
    """Return a prime whose two highest bits are set, so that the product of two has all its bits."""
    top = 3 << (bits - 2)
    while True:
        number = chance.getrandbits(bits) | top | 1
        if _is_prime(number, chance):
            return number


def _encoded(value: float) -> tuple[int, int]:
    """Return a float as a whole number and the exponent of 16 by which it was multiplied."""
    if abs(value) < _SMALLEST:
        return 0, 0
    exponent = (_MANTISSA_BITS - math.frexp(value)[1]) // 4
    return round(math.ldexp(value, 4 * exponent)), exponent


@dataclass(frozen=True, slots=True)
class Cipher:
    """The keys of a party.

    Attributes:
        p: a prime.
        q: another.
    """

    p: int
    q: int

    @classmethod
    def generate(cls, key_length: int, chance: Random) -> Cipher:
        """Return keys whose n has so many bits."""
        bits = key_length // 2
        p = _prime(bits, chance)
        while (q := _prime(bits, chance)) == p:
            pass
        return cls(p, q)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Cipher:
        """Return the keys that a model holds."""
        private = document["privateKey"]
        return cls(int(private["p"]), int(private["q"]))

    @property
    def n(self) -> int:
        """The public key."""
        return self.p * self.q

    @property
    def document(self) -> dict[str, Any]:
        """The keys as the model of their party holds them."""
        return {
            "publicKey": message("CipherPublicKey@later", n=str(self.n)),
            "privateKey": message("CipherPrivateKey@later", p=str(self.p), q=str(self.q)),
        }

    def encrypt(self, values: Sequence[float], chance: Random) -> list[dict[str, Any]]:
        """Return numbers as the model of another party holds them."""
        n = self.n
        found = []
        for value in values:
            whole, exponent = _encoded(value)
            blind = pow(chance.randrange(1, n), n, n * n)
            text = (1 + whole % n * n) * blind % (n * n)
            found.append(
                message(
                    "CipherText@later",
                    publicKey=message("CipherPublicKey@later", n=str(n)),
                    cipherText=str(text),
                    exponent=str(exponent),
                )
            )
        return found

    def decrypt(self, texts: Sequence[Mapping[str, Any]]) -> list[float]:
        """Return the numbers behind what `encrypt` made."""
        n, secret = self.n, (self.p - 1) * (self.q - 1)
        inverse = pow(secret, -1, n)
        found = []
        for text in texts:
            power = pow(int(text["cipherText"]), secret, n * n)
            whole = (power - 1) // n * inverse % n
            if whole > n // 2:
                whole -= n
            found.append(math.ldexp(float(whole), -4 * int(text["exponent"])))
        return found
