"""Makes the two tables of the demo: customers of a bank and of a lender, invented.

``python -m flowkit.demo.generate`` writes them anew; the same seed gives the same bytes.
"""

from __future__ import annotations

import math
import random

from flowkit.demo.steps import DATA

__all__ = ["tables"]

SEED = 20
CUSTOMERS = 240
#: Every so-manieth customer is unknown to one of the two.
GUEST_LACKS, HOST_LACKS = 11, 13

GUEST = {"income": -0.9, "debt_ratio": 1.2, "age": -0.4, "tenure": -0.3}
HOST = {"balance": -0.7, "late_payments": 1.1, "inquiries": 0.5, "cards": 0.1, "utilisation": 0.6}


def tables() -> dict[str, str]:
    """Return the tables as CSV by file name: ``guest.csv`` has the label, ``host.csv`` has not.

    The label depends on features of both sides and on chance, so neither side alone can predict
    it well, and both together not perfectly.
    """
    chance = random.Random(SEED)
    guest, host = [], []
    for number in range(CUSTOMERS):
        features = {name: chance.gauss(0, 1) for name in (*GUEST, *HOST)}
        weights = GUEST | HOST
        leaning = sum(weights[name] * value for name, value in features.items())
        defaults = chance.random() < 1 / (1 + math.exp(0.5 - leaning))
        customer = f"c{number:04}"
        if number % GUEST_LACKS:
            values = [f"{features[name]:.4f}" for name in GUEST]
            guest.append([customer, str(int(defaults)), *values])
        if number % HOST_LACKS:
            host.append([customer, *(f"{features[name]:.4f}" for name in HOST)])
    chance.shuffle(host)
    return {
        "guest.csv": _csv(["id", "y", *GUEST], guest),
        "host.csv": _csv(["id", *HOST], host),
    }


def _csv(header: list[str], rows: list[list[str]]) -> str:
    return "".join(",".join(row) + "\n" for row in (header, *rows))


if __name__ == "__main__":
    for name, text in tables().items():
        (DATA / name).write_text(text, encoding="utf-8")
