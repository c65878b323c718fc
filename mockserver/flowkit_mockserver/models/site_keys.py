"""The keys with which sites sign what they ask of each other, as far as this server knows them.

A server that is a site makes a pair of RSA keys for itself; it is told the public keys of others.
"""

from __future__ import annotations

import base64
import json
from importlib.util import find_spec
from typing import Any

from flowkit_mockserver.dialects import Dialect
from flowkit_mockserver.errors import Refusal
from flowkit_mockserver.settings import Settings
from flowkit_mockserver.store import Collection

__all__ = ["PUBLIC", "SiteKeys", "check_site"]

PUBLIC, PRIVATE = "public", "private"
_BITS = 2048
_EXPONENT = 65537
_AUTHENTICATION_ERROR = 109


def check_site(settings: Settings, dialect: Dialect) -> None:
    """Check that a server can be the site that the settings say.

    Raises:
        ValueError: its line has no site authentication.
        RuntimeError: what it needs is not installed.
    """
    if settings.site_party is None:
        return
    if not dialect.exceptions_as_repr:
        raise ValueError(
            f"FATE {dialect.fate_version} has no site authentication; it came with 1.9"
        )
    if find_spec("cryptography") is None:
        raise RuntimeError(
            "site authentication needs cryptography: pip install 'fate-flowkit[service]'"
        )


class SiteKeys:
    """The keys of parties.

    Args:
        documents: where they are kept.
        own: the party id of this server, which signs and is signed for; None when sites do not sign.
        digest: the digest of a signature, ``md5`` or ``sha256``.
    """

    def __init__(self, documents: Collection, own: str | None, digest: str) -> None:
        self._keys = documents
        self._own = own
        self._digest = digest
        if own is not None and PRIVATE not in self._keys.get(own, {}):
            self._keys[own] = _new_pair()

    def is_empty(self) -> bool:
        """Say whether nothing is known but what the server made for itself."""
        return not set(self._keys) - {self._own}

    def get(self, party: object, name: str = PUBLIC) -> str | None:
        """Return a key of a party, ``public`` or ``private``; None when it is not known."""
        key: str | None = self._keys.get(str(party), {}).get(name)
        return key

    def first(self, name: str = PUBLIC) -> str | None:
        """Return the first key of a kind that any party has; None when there is none."""
        return next((known[name] for known in self._keys.values() if name in known), None)

    def save(self, party: object, key: Any) -> bool:
        """Keep the public key of a party; return whether it is in place of another one."""
        known = self.get(party) is not None
        self._keys[str(party)] = {**self._keys.get(str(party), {}), PUBLIC: key}
        return known

    def forget(self, party: object) -> None:
        """Forget the public key of a party."""
        left = {name: key for name, key in self._keys.get(str(party), {}).items() if name != PUBLIC}
        if left:
            self._keys[str(party)] = left
        else:
            self._keys.pop(str(party), None)

    def verify(self, party: str, body: object, signature: str | None) -> None:
        """Check that a party has signed a request.

        Args:
            party: its id; none, or 0, is this server.
            body: what the JSON of the request's body says.
            signature: in base64; None when it shows none.

        Raises:
            Refusal: the signature is not that of the party.
            Exception: the server would stumble over the request; it answers with that exception.
        """
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import padding, rsa

        key = serialization.load_pem_public_key(self._known(party).encode())
        if signature is None:
            raise TypeError(
                "argument should be a bytes-like object or ASCII string, not 'NoneType'"
            )
        given = base64.b64decode(signature)
        digest = hashes.MD5() if self._digest == "md5" else hashes.SHA256()
        try:
            if isinstance(key, rsa.RSAPublicKey):
                key.verify(given, json.dumps(body).encode(), padding.PKCS1v15(), digest)
                return
        except InvalidSignature:
            pass
        raise Refusal("authentication failed", _AUTHENTICATION_ERROR)

    def check_own(self, party: str) -> None:
        """Check that this server would believe itself when it asks itself in the name of a party.

        It signs with its own key whoever it speaks for, so it does only where that party has the same key.

        Raises:
            Refusal: it would refuse.
        """
        if self._own is None:
            return
        try:
            key = self._known(party)
        except Exception as error:
            raise Refusal(repr(error)) from error
        if key != self.get(self._own):
            raise Refusal("authentication failed", _AUTHENTICATION_ERROR)

    def _known(self, party: str) -> str:
        party = party if party not in ("", "0") else str(self._own)
        key = self.get(party)
        if not key:
            raise Exception(f"signature error: no found party id {party} public key")
        return key


def _new_pair() -> dict[str, str]:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    pair = rsa.generate_private_key(_EXPONENT, _BITS)
    private = pair.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    public = pair.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return {PRIVATE: private.decode().strip(), PUBLIC: public.decode().strip()}
