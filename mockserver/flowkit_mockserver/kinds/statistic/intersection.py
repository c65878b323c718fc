"""Intersection: the ids that guest and hosts have in common."""

from __future__ import annotations

from flowkit_mockserver.kinds.kind import Exactness, Kind, TaskLogs, code_in
from flowkit_mockserver.kinds.rules import (
    Rule,
    Rules,
    boolean,
    decimal,
    holds,
    kind,
    lowered,
    lowered_as_known,
    need,
    nested,
    positive_integer,
    positive_number,
    when,
)
from flowkit_mockserver.kinds.statistic.later_intersection_rules import LATER_INTERSECTION

__all__ = ["KIND"]

_HASHES = ["md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sm3"]

_ENCODE_RULES: Rules = (
    need("salt", kind("str"), "encode param's salt {} not supported, should be str type"),
    lowered("encode_method", "encode param's ", ["none", *_HASHES]),
    need("base64", kind("bool"), "hash param's base64 {} not supported, should be bool type"),
)

_RSA_RULES: Rules = (
    need("salt", kind("str"), "rsa param's salt {} not supported, should be str type"),
    lowered("hash_method", "rsa param's hash_method ", ["sha256", "sha384", "sha512", "sm3"]),
    lowered("final_hash_method", "rsa param's final_hash_method ", _HASHES),
    boolean("split_calculation", "rsa param's split_calculation"),
    when(
        holds("random_base_fraction", bool),
        positive_number("random_base_fraction", "rsa param's random_base_fraction"),
        decimal("random_base_fraction", "rsa param's random_base_fraction"),
    ),
    positive_integer("key_length", "rsa param's key_length"),
)

_INTERSECT = "intersect param's "


def _switch(name: str, shown: str | None = None) -> Rule:
    text = f"{_INTERSECT}{shown or name} {{}} not supported, should be bool type"
    return need(name, kind("bool"), text)


_RULES: Rules = (
    lowered_as_known(
        "intersect_method",
        _INTERSECT,
        ["rsa", "raw"],
        {"dh": "dh_params", "ecdh": "ecdh_params"},
    ),
    need(
        "random_bit",
        kind("int"),
        _INTERSECT + "random_bit {} not supported, should be positive integer",
    ),
    _switch("sync_intersect_ids"),
    lowered("join_role", _INTERSECT + "join_role", ["guest", "host"]),
    _switch("with_encode"),
    _switch("only_output_key"),
    _switch("repeated_id_process"),
    lowered("repeated_id_owner", _INTERSECT + "repeated_id_owner", ["guest"]),
    _switch("allow_info_share", "allow_info_sync"),
    lowered("info_owner", _INTERSECT + "info_owner", ["guest", "host"]),
    boolean("with_sample_id", _INTERSECT + "with_sample_id"),
    nested("encode_params", _ENCODE_RULES),
    nested("rsa_params", _RSA_RULES),
)


KIND = Kind(
    name="Intersection",
    algorithm="flowkit_mockserver.components.statistic.intersect:intersect",
    exactness=Exactness.EXACT,
    accuracy=(
        "The common ids are found in the clear, whichever protocol is asked for; they are the same. Cached ids are "
        "plain, without keys; match ids are not cached."
    ),
    param_class="IntersectParam",
    defaults={
        "allow_info_share": False,
        "encode_params": {"base64": False, "encode_method": "none", "salt": ""},
        "info_owner": "guest",
        "intersect_cache_param": {"encrypt_type": "sha256", "id_type": "phone", "use_cache": False},
        "intersect_method": "rsa",
        "join_role": "guest",
        "only_output_key": False,
        "random_bit": 128,
        "repeated_id_owner": "guest",
        "repeated_id_process": False,
        "rsa_params": {
            "final_hash_method": "sha256",
            "hash_method": "sha256",
            "key_length": 1024,
            "random_base_fraction": None,
            "salt": "",
            "split_calculation": False,
        },
        "sync_intersect_ids": True,
        "with_encode": False,
        "with_sample_id": False,
    },
    rules=_RULES,
    later_rules=("callbacks", LATER_INTERSECTION),
    code_path=code_in(
        "federatedml/statistic/intersect",
        guest="intersect_model.py/IntersectGuest",
        host="intersect_model.py/IntersectHost",
    ),
    logs=TaskLogs(warns=True),
)
