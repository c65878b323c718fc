"""Identifiers a server makes up are recognised and mapped between recording and live run."""

from __future__ import annotations

from flowkit_replay.matching.identifiers import Identifiers, make_template

RECORDED = "202611231642368574510"
LIVE = "202701010101010000010"


def test_identifiers_become_places_in_a_template() -> None:
    one = make_template(
        f'{{"job_id": "{RECORDED}", "again": "{RECORDED}", "table": "{"ab" * 16}"}}'
    )
    assert one == '{"job_id": "<0>", "again": "<0>", "table": "<1>"}'


def test_a_task_id_is_a_job_id_with_a_component() -> None:
    assert make_template(f"{RECORDED}_hetero_lr_0") == "<0>_hetero_lr_0"


def test_ordinary_numbers_are_left_alone() -> None:
    assert make_template("20211231 9999 1795447884276") == "20211231 9999 1795447884276"


def test_a_learned_pair_translates_both_ways() -> None:
    pairs = Identifiers()
    pairs.learn(f"job {LIVE}", f"job {RECORDED}")
    assert pairs.to_recorded(f"output_data_{LIVE}_lr_0") == f"output_data_{RECORDED}_lr_0"
    assert pairs.to_live(f"<{RECORDED}>") == f"<{LIVE}>"


def test_a_pair_that_contradicts_a_learned_one_does_not_fit() -> None:
    pairs = Identifiers()
    pairs.learn(LIVE, RECORDED)
    assert not pairs.can_pair(LIVE, "202611231643216777880")
    assert not pairs.can_pair("202701010101010000020", RECORDED)
    assert pairs.can_pair(LIVE, RECORDED)
