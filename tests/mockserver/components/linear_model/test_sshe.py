"""What parties of a regression on shares keep of it, and what they can do with it."""

from __future__ import annotations

import pytest

from component_bench import GUEST, HOST, column, predict, run, under, vertical
from flowkit_mockserver.components.core.paillier import Cipher
from flowkit_mockserver.dialects import dialect_of

LATER = dialect_of("1.11").behaviour
_ENCRYPTED = {
    "reveal_strategy": "encrypted_reveal_in_host",
    "reveal_every_iter": False,
    "encrypt_param": {"key_length": 256},
    "optimizer": "sgd",
    "max_iter": 3,
}


@pytest.mark.parametrize("classes", [2, 3])
def test_a_host_keeps_its_weights_encrypted_and_only_the_guest_reads_them(classes: int) -> None:
    tables = vertical(60, classes)
    results = run("HeteroSSHELR", under("train_data", tables), behaviour=LATER, **_ENCRYPTED)
    guest, host = (results[party].model for party in (GUEST, HOST))
    assert guest is not None
    assert host is not None
    if classes > 2:
        own, theirs = (m.param["oneVsRestResult"]["completedModels"][1] for m in (guest, host))
        summaries = [results[party].summary["1"] for party in (GUEST, HOST)]  # type: ignore[index]
    else:
        own, theirs = guest.param, host.param
        summaries = [results[party].summary for party in (GUEST, HOST)]

    assert (own["encryptedWeight"], theirs["weight"]) == ({}, {})
    assert theirs["encryptedWeight"].keys() == set(theirs["header"])
    assert "cipher" not in theirs
    clear = run(
        "HeteroSSHELR",
        under("train_data", tables),
        behaviour=LATER,
        **{**_ENCRYPTED, "reveal_strategy": "respectively"},
    )
    shown = clear[HOST].summary
    assert shown is not None
    weights = (shown["1"] if classes > 2 else shown)["coef"]
    keys = Cipher.of(own["cipher"])
    for name, text_ in theirs["encryptedWeight"].items():
        assert keys.decrypt([text_]) == pytest.approx([weights[name]], rel=1e-14)
    # Nobody tells the weights.
    assert all(summary.keys().isdisjoint({"coef", "intercept"}) for summary in summaries)
    later = predict("HeteroSSHELR", results, under("test_data", tables), behaviour=LATER)
    assert column(later[GUEST].tables[0], 1) == column(clear[GUEST].tables[0], 1)


def test_a_linear_regression_on_shares_predicts_what_it_was_trained_on() -> None:
    results = run(
        "HeteroSSHELinR", under("train_data", vertical(60, 2)), behaviour=LATER, max_iter=3
    )

    later = predict(
        "HeteroSSHELinR",
        results,
        under("test_data", vertical(60, 2)),
        behaviour=LATER,
    )

    assert column(later[GUEST].tables[0], 2) == column(results[GUEST].tables[0], 2)
