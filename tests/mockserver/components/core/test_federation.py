"""The samples that several parties share."""

from __future__ import annotations

import numpy as np

from flowkit_mockserver.components.core.federation import Federation, text_order
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.party import Party

GUEST, HOST = Party("guest", "1"), Party("host", "2")


def federation(exposure: str | None = None) -> Federation:
    guest = Instances.from_rows(
        ["9", "10", "a1"], [[1.0, 5.0], [2.0, 6.0], [3.0, 7.0]], [0, 1, 1], header=["x0", "e"]
    )
    host = Instances.from_rows(["b", "a1", "9"], [[0.1], [0.2], [0.3]], header=["h0"])
    return Federation({GUEST: guest, HOST: host}, exposure)


def test_the_common_samples_come_in_the_order_of_the_guest() -> None:
    data = federation()

    assert data.guest.ids.tolist() == ["9", "a1"]
    assert [features.tolist() for features in data.features] == [
        [[1.0, 5.0], [3.0, 7.0]],
        [[0.3], [0.2]],
    ]
    assert data.labels is not None
    assert data.labels.tolist() == [0, 1]
    assert data.exposure.tolist() == [1.0, 1.0]


def test_an_exposure_is_no_feature() -> None:
    data = federation("e")

    assert data.exposure.tolist() == [5.0, 7.0]
    assert data.guest.header == ["x0"]
    assert data.take([1]).exposure.tolist() == [7.0]


def test_batches_are_cut_in_the_order_of_plain_text() -> None:
    assert text_order(np.array(["9", "10", "a"])).tolist() == [1, 0, 2]
    assert federation().in_batch_order().guest.ids.tolist() == ["9", "a1"]
