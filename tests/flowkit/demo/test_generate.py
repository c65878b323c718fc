"""The bundled tables."""

from __future__ import annotations

from flowkit.demo import DATA
from flowkit.demo.generate import tables


def test_the_bundled_tables_are_those_that_the_generator_makes() -> None:
    for name, text in tables().items():
        assert (DATA / name).read_text("utf-8") == text


def test_the_tables_overlap_but_do_not_coincide() -> None:
    made = tables()
    guest, host = (
        {line.partition(",")[0] for line in made[name].splitlines()[1:]}
        for name in ("guest.csv", "host.csv")
    )
    assert len(guest & host) >= 200
    assert guest - host
    assert host - guest
