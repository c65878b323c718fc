"""A DSL names the providers of its components; a party that lacks one refuses."""

from __future__ import annotations

import pytest

from flowkit_mockserver import MockServer
from later import conf, dsl, post, upload


@pytest.mark.parametrize(
    ("line", "module", "provider", "words"),
    [
        ("1.11", "NoSuchModule", "fate@1.11.4", "KeyError('NoSuchModule')"),
        ("1.8", "NoSuchModule", "fate", "'NoSuchModule'"),
        (
            "1.11",
            "HeteroLR",
            "fate@1.7.0",
            "ValueError('Provider: fate version: 1.7.0 does not support in HeteroLR, please register')",
        ),
        (
            "1.11",
            "HeteroLR",
            "fate_flow",
            "ValueError('Provider: fate_flow does not support in HeteroLR, please register')",
        ),
        (
            "1.11",
            "HeteroLR",
            "@1.11.4",
            "ValueError('Provider format should be provider_name@provider_version or provider_name, "
            "@provider_version is not supported')",
        ),
    ],
)
def test_a_provider_that_the_dsl_names_has_the_module(
    line: str, module: str, provider: str, words: str
) -> None:
    with MockServer(fate_version=line) as mock:
        client = mock.app.test_client()
        upload(client)
        wanted = dsl()
        wanted["components"]["lr_0"] |= {"module": module, "provider": provider}
        answer = post(client, "job/submit", {"job_dsl": wanted, "job_runtime_conf": conf()})
        wanted["components"]["lr_0"] |= {"module": "HeteroLR", "provider": "fate"}
        right = post(client, "job/submit", {"job_dsl": wanted, "job_runtime_conf": conf()})
    assert answer["retcode"] == 103
    assert f"'guest': {{9999: {{'retcode': 100, 'retmsg': {words!r}}}" in answer["retmsg"]
    assert right["retcode"] == 0
