"""Certificates: what cannot be used is named when a client is made; what can, is shown and trusted."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from flowkit import ArgumentError, FlowClient
from flowkit.call.certificates import TRUST_VARIABLES, Certificates

URL = "https://flow.example"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(path)
    return path


@pytest.fixture
def identity(authority: trustme.CA, tmp_path: Path) -> tuple[Path, Path]:
    """Return certificate and key of a client."""
    issued = authority.issue_cert("client.example")
    certificate, key = tmp_path / "me.pem", tmp_path / "me.key"
    issued.cert_chain_pems[0].write_to_path(certificate)
    issued.private_key_pem.write_to_path(key)
    return certificate, key


def encrypt(key: Path) -> None:
    """Encrypt a key with the passphrase ``s3cret``."""
    found = load_pem_private_key(key.read_bytes(), None)
    scheme = BestAvailableEncryption(b"s3cret")
    key.write_bytes(found.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, scheme))


def names(path: Path, argument: str, **given: object) -> str:
    """Return the text of the error when a client is made; it names the file and the argument."""
    with pytest.raises(ArgumentError) as caught:
        FlowClient(URL, **given)  # type: ignore[arg-type]
    text = str(caught.value)
    assert str(path) in text
    assert caught.value.argument == argument
    return text


@pytest.mark.parametrize("argument", ["ca_certificates", "client_certificate"])
@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda path: None, "No such file"),
        (lambda path: path.mkdir(), "folder|directory"),
        (lambda path: path.write_text("hello"), "PEM"),
        (lambda path: path.write_bytes(b""), "PEM"),
        (lambda path: path.write_text("-----BEGIN CERTIFICATE-----\nxx\n"), "PEM|can be read"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(
    argument: str, make: Callable[[Path], object], says: str, tmp_path: Path
) -> None:
    path = tmp_path / "given.pem"
    make(path)
    text = names(path, argument, **{argument: path})
    assert any(word in text for word in says.split("|")), text


@pytest.mark.parametrize("variable", TRUST_VARIABLES)
def test_a_variable_that_names_no_file_is_named(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "/no/such.pem")
    assert f"the environment variable {variable}" in names(Path("/no/such.pem"), variable)


def test_nothing_is_read_for_an_address_without_tls() -> None:
    FlowClient("http://flow.example", ca_certificates="/no/such.pem").close()


def trusts(certificates: Certificates, authority: trustme.CA) -> bool:
    found = certificates.context().get_ca_certs(binary_form=True)
    return ssl.PEM_cert_to_DER_cert(authority.cert_pem.bytes().decode()) in found


@pytest.mark.parametrize("variable", TRUST_VARIABLES)
def test_the_usual_variables_name_whom_to_trust(
    variable: str, authority: trustme.CA, trusted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for other in TRUST_VARIABLES:
        monkeypatch.delenv(other, raising=False)
    assert not trusts(Certificates(), authority)
    monkeypatch.setenv(variable, str(trusted))
    assert trusts(Certificates(), authority)


def test_a_folder_is_trusted_file_by_file(authority: trustme.CA, trusted: Path) -> None:
    assert trusts(Certificates(trusted.parent), authority)


def test_a_key_of_another_certificate_is_told(
    identity: tuple[Path, Path], authority: trustme.CA, tmp_path: Path
) -> None:
    other = tmp_path / "other.key"
    authority.issue_cert("other.example").private_key_pem.write_to_path(other)
    certificate = identity[0]
    text = names(other, "client_certificate", client_certificate=certificate, client_key=other)
    assert str(certificate) in text
    assert "does not belong to the certificate" in text


def test_a_certificate_without_its_key_and_a_key_without_its_certificate_are_told(
    identity: tuple[Path, Path],
) -> None:
    certificate, key = identity
    text = names(certificate, "client_certificate", client_certificate=certificate)
    assert "with its private key" in text
    with pytest.raises(ArgumentError, match="client_key was given without client_certificate"):
        FlowClient(URL, client_key=key)


@pytest.mark.parametrize("passphrase", ["s3cret", lambda: "s3cret"])
def test_a_passphrase_is_a_text_or_a_function(
    passphrase: object, identity: tuple[Path, Path]
) -> None:
    certificate, key = identity
    encrypt(key)
    FlowClient(
        URL,
        client_certificate=certificate,
        client_key=key,
        client_key_passphrase=passphrase,  # type: ignore[arg-type]
    ).close()


def test_the_function_is_not_asked_for_a_key_that_is_not_encrypted(
    identity: tuple[Path, Path],
) -> None:
    def ask() -> str:
        raise AssertionError("asked")

    FlowClient(
        URL, client_certificate=identity[0], client_key=identity[1], client_key_passphrase=ask
    ).close()


@pytest.mark.parametrize(
    ("passphrase", "argument", "says"),
    [
        ("wr0ng", "client_certificate", "the passphrase of the private key is wrong"),
        (None, "client_key_passphrase", "is encrypted; give its passphrase"),
        (lambda: 7, "client_key_passphrase", "must be a text, got int"),
    ],
)
def test_a_wrong_or_missing_passphrase_is_told_without_it(
    passphrase: object, argument: str, says: str, identity: tuple[Path, Path]
) -> None:
    certificate, key = identity
    encrypt(key)
    with pytest.raises(ArgumentError, match=says) as caught:
        FlowClient(
            URL,
            client_certificate=certificate,
            client_key=key,
            client_key_passphrase=passphrase,  # type: ignore[arg-type]
        )
    assert caught.value.argument == argument
    assert "wr0ng" not in str(caught.value)


def test_verify_off_accepts_anybody() -> None:
    assert Certificates(verify=False).context().verify_mode is ssl.CERT_NONE
