"""Rsa: the ids of a table, encrypted."""

from __future__ import annotations

from flowkit_mockserver.kinds.kind import Exactness, Kind, code_in
from flowkit_mockserver.kinds.rules import Rules, positive_integer, string

__all__ = ["KIND"]

_RULES: Rules = (
    positive_integer("rsa_key_n", "rsa param"),
    positive_integer("rsa_key_e", "rsa param"),
    positive_integer("rsa_key_d", "rsa param"),
    string("save_out_table_namespace", "rsa param"),
    string("save_out_table_name", "rsa param"),
)

KIND = Kind(
    name="Rsa",
    algorithm="flowkit_mockserver.components.other.toy:encrypt_ids",
    exactness=Exactness.EXACT,
    accuracy="Ids are encrypted with the key that the parameters give.",
    param_class="RsaParam",
    defaults={
        "rsa_key_d": None,
        "rsa_key_e": None,
        "rsa_key_n": None,
        "save_out_table_name": None,
        "save_out_table_namespace": None,
    },
    rules=_RULES,
    code_path=code_in("federatedml/util", guest="rsa.py/RsaModel", host="rsa.py/RsaModel"),
    in_server=True,
)
