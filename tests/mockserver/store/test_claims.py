"""One claims a task, and nobody else until it is given back."""

from __future__ import annotations

from flowkit_mockserver.store import Claims, LocalClaims


def test_a_claim_is_taken_once() -> None:
    claims: Claims = LocalClaims()

    assert claims.take("job/lr_0/0")
    assert not claims.take("job/lr_0/0")
    assert claims.take("job/lr_0/1")

    claims.give_back("job/lr_0/0")
    claims.give_back("job/lr_0/0")
    assert claims.take("job/lr_0/0")


def test_all_claims_are_given_back_at_once() -> None:
    claims = LocalClaims()
    claims.take("job/lr_0/0")

    claims.clear()

    assert claims.take("job/lr_0/0")
