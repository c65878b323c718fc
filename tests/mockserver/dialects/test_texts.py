"""What checks of parameters say in the later lines."""

from __future__ import annotations

from flowkit_mockserver.dialects.texts import later_text


def test_a_text_that_changed_and_one_that_did_not() -> None:
    text = "logistic_param's penalty not supported, penalty should be 'L1', 'L2' or 'none'"
    assert later_text(text, {"penalty": "l9"}) == (
        "penalty L9 not supported, penalty should be 'L1', 'L2' or 'NONE'"
    )
    regression = "penalty L9 not supported, penalty should be 'L1', 'L2' or 'none'"
    assert later_text(regression, {"penalty": "l9"}).endswith(
        "penalty should be 'L1', 'L2' or 'NONE'"
    )
    assert later_text("logistic_param's tol x not supported", {}).startswith("linear model param's")
    assert later_text("with_label is not bool", {}) == "with_label is not bool"
