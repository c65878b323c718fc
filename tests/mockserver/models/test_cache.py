"""What one party keeps of a model."""

from __future__ import annotations

import pytest

from flowkit_mockserver.errors import Refusal
from flowkit_mockserver.models.cache import ModelCache
from flowkit_mockserver.party import Party

GUEST = Party("guest", "7001")


def test_a_cache_without_a_pipeline_is_defective() -> None:
    with pytest.raises(Refusal, match="'Pipeline'"):
        ModelCache(GUEST, "m", "1").read_pipeline("/srv")
    with pytest.raises(Refusal, match="No such file"):
        ModelCache(GUEST, "m", "1", defined=False).read_pipeline("/srv")
