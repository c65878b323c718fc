"""Checks of the intersection, which transfer learning has as well."""

from __future__ import annotations

from flowkit_mockserver.dsl.checks.rules import (
    Rule,
    Rules,
    boolean,
    decimal,
    kind,
    lowered,
    need,
    nested,
    positive_integer,
    positive_number,
    when,
)

__all__ = ["INTERSECT"]

_HASHES = ["md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sm3"]
_ENCODE: Rules = (
    need("salt", kind("str"), "encode param's salt {} not supported, should be str type"),
    lowered("encode_method", "encode param's ", ["none", *_HASHES]),
    need("base64", kind("bool"), "hash param's base64 {} not supported, should be bool type"),
)
_RSA: Rules = (
    need("salt", kind("str"), "rsa param's salt {} not supported, should be str type"),
    lowered("hash_method", "rsa param's hash_method ", ["sha256", "sha384", "sha512", "sm3"]),
    lowered("final_hash_method", "rsa param's final_hash_method ", _HASHES),
    boolean("split_calculation", "rsa param's split_calculation"),
    when(
        lambda values: values["random_base_fraction"],
        positive_number("random_base_fraction", "rsa param's random_base_fraction"),
        decimal("random_base_fraction", "rsa param's random_base_fraction"),
    ),
    positive_integer("key_length", "rsa param's key_length"),
)
_INTERSECT = "intersect param's "


def _switch(name: str, shown: str | None = None) -> Rule:
    text = f"{_INTERSECT}{shown or name} {{}} not supported, should be bool type"
    return need(name, kind("bool"), text)


INTERSECT: Rules = (
    lowered("intersect_method", _INTERSECT, ["rsa", "raw"]),
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
    nested("encode_params", _ENCODE),
    nested("rsa_params", _RSA),
)
