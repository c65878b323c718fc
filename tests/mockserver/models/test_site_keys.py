"""The keys of sites: made, told, and what they are good for."""

from __future__ import annotations

import base64
import json

import pytest

from flowkit_mockserver.dialects import dialect_of
from flowkit_mockserver.errors import Refusal
from flowkit_mockserver.models import site_keys
from flowkit_mockserver.models.site_keys import SiteKeys, check_site
from flowkit_mockserver.settings import Settings
from flowkit_mockserver.store import Store

pytest.importorskip("cryptography", reason="site authentication needs cryptography")


def sign(keys: SiteKeys, party: str, body: object, digest: str = "SHA256") -> str:
    """Sign a body as a real server of a party does."""
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    private = keys.get(party, "private")
    assert private is not None
    key = serialization.load_pem_private_key(private.encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    content = json.dumps(body).encode()
    return base64.b64encode(
        key.sign(content, padding.PKCS1v15(), getattr(hashes, digest)())
    ).decode()


@pytest.fixture
def keys(store: Store) -> SiteKeys:
    return SiteKeys(store.collection("site_keys"), "9999", "sha256")


def test_a_site_has_a_pair_that_stays(store: Store, keys: SiteKeys) -> None:
    public, private = keys.get("9999"), keys.get("9999", "private")
    assert public is not None
    assert private is not None
    assert public.startswith("-----BEGIN PUBLIC KEY-----\n")
    assert public.endswith("\n-----END PUBLIC KEY-----")
    assert private.startswith("-----BEGIN RSA PRIVATE KEY-----\n")
    again = SiteKeys(store.collection("site_keys"), "9999", "sha256")
    assert (again.get("9999"), again.get("9999", "private")) == (public, private)


def test_a_server_that_is_no_site_has_none(store: Store) -> None:
    keys = SiteKeys(store.collection("site_keys"), None, "sha256")
    assert len(store.collection("site_keys")) == 0
    keys.check_own("10000")


def test_the_public_keys_of_others_are_saved_and_forgotten(keys: SiteKeys) -> None:
    assert not keys.save("10000", "one")
    assert keys.save(10000, "two")
    assert keys.get("10000") == "two"
    assert keys.get("10000", "private") is None
    keys.forget(10000)
    assert keys.get("10000") is None
    keys.forget("9999")
    assert keys.get("9999") is None
    assert keys.get("9999", "private") is not None


@pytest.mark.parametrize("body", [{"a": 1}, None, [1, "é"]])
@pytest.mark.parametrize("party", ["9999", "0", ""])
def test_the_site_itself_is_believed_when_it_signed(
    keys: SiteKeys, party: str, body: object
) -> None:
    keys.verify(party, body, sign(keys, "9999", body))
    with pytest.raises(Refusal, match="authentication failed") as refused:
        keys.verify(party, {"b": 2}, sign(keys, "9999", body))
    assert refused.value.retcode == 109


def test_another_party_is_believed_when_its_key_is_known(store: Store, keys: SiteKeys) -> None:
    other = SiteKeys(store.collection("elsewhere"), "10000", "sha256")
    signature = sign(other, "10000", {"a": 1})
    with pytest.raises(Exception, match="no found party id 10000 public key"):
        keys.verify("10000", {"a": 1}, signature)
    keys.save("10000", other.get("10000"))
    keys.verify("10000", {"a": 1}, signature)


def test_the_lines_before_1_11_sign_another_digest(store: Store) -> None:
    assert [dialect_of(line).site_digest for line in ("1.9", "1.10", "1.11")] == [
        "md5",
        "md5",
        "sha256",
    ]
    keys = SiteKeys(store.collection("site_keys"), "9999", "md5")
    keys.verify("9999", {}, sign(keys, "9999", {}, "MD5"))


def test_a_site_speaks_for_others_only_with_a_key_that_they_share(keys: SiteKeys) -> None:
    keys.check_own("9999")
    with pytest.raises(Refusal) as refused:
        keys.check_own("10000")
    assert refused.value.retmsg == (
        "Exception('signature error: no found party id 10000 public key')"
    )
    keys.save("10000", "another key")
    with pytest.raises(Refusal, match="authentication failed"):
        keys.check_own("10000")
    keys.save("10000", keys.get("9999"))
    keys.check_own("10000")


def test_a_line_without_sites_cannot_be_one() -> None:
    with pytest.raises(ValueError, match=r"FATE 1\.8\.1 has no site authentication"):
        check_site(Settings(site_party="9999"), dialect_of("1.8"))


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site_keys, "find_spec", lambda name: None)
    with pytest.raises(RuntimeError, match=r"pip install 'fate-flowkit\[service\]'"):
        check_site(Settings(site_party="9999"), dialect_of("1.11"))
