"""SecureInformationRetrieval: a guest reads the host's labels of some ids, the host not learning which."""

from __future__ import annotations

from flowkit_mockserver.kinds.kind import ANY_ROLE, Buffers, Exactness, Kind, code_in
from flowkit_mockserver.kinds.rules import Rules, boolean, decimal, positive_integer, string

__all__ = ["KIND"]

_RETRIEVAL = "secure information retrieval param's"

_RULES: Rules = (
    decimal("security_level", _RETRIEVAL),
    string("oblivious_transfer_protocol", _RETRIEVAL),
    string("commutative_encryption", _RETRIEVAL),
    string("non_committing_encryption", _RETRIEVAL),
    positive_integer("key_size", _RETRIEVAL),
    boolean("raw_retrieval", _RETRIEVAL),
)

KIND = Kind(
    name="SecureInformationRetrieval",
    algorithm="flowkit_mockserver.components.other.secure_information_retrieval:retrieve",
    exactness=Exactness.EXACT,
    accuracy="The labels are those of the host; they are read in the clear.",
    param_class="SecureInformationRetrievalParam",
    defaults={
        "commutative_encryption": "CommutativeEncryptionPohligHellman",
        "key_size": 1024,
        "non_committing_encryption": "aes",
        "oblivious_transfer_protocol": "OT_Hauck",
        "raw_retrieval": False,
        "security_level": 0.5,
    },
    rules=_RULES,
    code_path=code_in(
        "federatedml/secure_information_retrieval",
        guest="secure_information_retrieval_guest.py/SecureInformationRetrievalGuest",
        host="secure_information_retrieval_host.py/SecureInformationRetrievalHost",
    ),
    buffers={ANY_ROLE: Buffers.named("SecureInformationRetrieval")},
)
