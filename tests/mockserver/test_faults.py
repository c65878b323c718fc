"""HTTP failures on demand."""

from __future__ import annotations

from flowkit_mockserver.faults import Faults


def test_a_failure_hits_the_paths_of_its_pattern_as_often_as_asked() -> None:
    faults = Faults()
    faults.add("job/*", 502, times=2)

    assert faults.take("table/table_info") is None
    hits = [faults.take("job/query"), faults.take("job/submit"), faults.take("job/query")]
    assert [hit and hit.status for hit in hits] == [502, 502, None]
    assert len(faults) == 0


def test_a_failure_without_a_number_hits_for_ever_until_cleared() -> None:
    faults = Faults()
    faults.add(times=None)

    assert all(faults.take("job/query") for _ in range(5))
    faults.clear()
    assert faults.take("job/query") is None
