"""Who may use the control API."""

from __future__ import annotations

import pytest

from flowkit_mockserver.control.access import refuse_control

HERE = {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "localhost:9380"}


def test_a_script_on_this_machine_may() -> None:
    assert refuse_control(HERE) is None


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"REMOTE_ADDR": "10.0.0.9"}, b"answers this machine only"),
        ({"HTTP_HOST": "evil.example"}, b"answers this machine only"),
        ({"HTTP_ORIGIN": "http://evil.example"}, b"a page of another site"),
        ({"HTTP_SEC_FETCH_SITE": "cross-site"}, b"a page of another site"),
    ],
)
def test_others_may_not(more: dict[str, str], why: bytes) -> None:
    refused = refuse_control({**HERE, **more})

    assert refused is not None
    assert refused.status_code == 403
    assert why in refused.get_data()
