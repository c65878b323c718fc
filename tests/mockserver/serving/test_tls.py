"""The server's certificate."""

from __future__ import annotations

import re
import ssl
from pathlib import Path

import pytest
import trustme

from flowkit_mockserver.serving.tls import Certificate

ENCRYPTED = (
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
    "MIIBvTBXBgkqhkiG9w0BBQ0wSjApBgkqhkiG9w0BBQwwHAQIAAAAAAAAAAACAggA\n"
    "-----END ENCRYPTED PRIVATE KEY-----\n"
)


@pytest.fixture
def files(tmp_path: Path) -> Certificate:
    issued = trustme.CA().issue_cert("localhost")
    issued.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    issued.cert_chain_pems[0].write_to_path(str(tmp_path / "certificate.pem"))
    return Certificate(tmp_path / "certificate.pem", tmp_path / "key.pem")


def test_certificate_and_key_make_a_context(files: Certificate) -> None:
    assert isinstance(files.context(), ssl.SSLContext)


@pytest.mark.parametrize("text", ["no pem at all", ENCRYPTED])
def test_a_key_that_cannot_be_used_is_named_and_nobody_is_asked(
    files: Certificate, text: str
) -> None:
    assert files.key is not None
    files.key.write_text(text)
    with pytest.raises(ValueError, match=re.escape(str(files.key))):
        files.context()


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot be read: No such file"):
        Certificate(tmp_path / "none.pem").context()


def test_the_password_does_not_show(tmp_path: Path) -> None:
    assert "s3cret" not in repr(Certificate(tmp_path, tmp_path, "s3cret"))
