"""What an Intersection of the later lines checks."""

from __future__ import annotations

from flowkit_mockserver.kinds.callbacks import FED
from flowkit_mockserver.kinds.rules import (
    Rule,
    Rules,
    Values,
    at_least,
    boolean,
    decimal,
    ensure,
    holds,
    lowered,
    need,
    nested,
    non_negative,
    positive_integer,
    positive_number,
    string,
    when,
)

__all__ = ["LATER_INTERSECTION"]

_LONG_HASHES = ["sha256", "sha384", "sha512", "sm3"]
_HASHES = ["md5", "sha1", "sha224", *_LONG_HASHES]
_PARTIES = ["guest", "host"]
_INTERSECT, _RAW, _RSA, _DH, _ECDH = (
    f"{name} param's " for name in ("intersect", "raw", "rsa", "dh", "ecdh")
)
_BEFORE = "intersect preprocess param's {} "
_LONG_KEY = need("key_length", at_least(1024), "key length must be >= 1024")

_RAW_RULES: Rules = (
    boolean("use_hash", _RAW + "use_hash"),
    string("salt", _RAW + "salt"),
    lowered("hash_method", _RAW + "hash_method", ["none", *_HASHES]),
    boolean("base64", _RAW + "base_64"),
    lowered("join_role", _RAW + "join_role", _PARTIES),
)

_RSA_RULES: Rules = (
    string("salt", _RSA + "salt"),
    lowered("hash_method", _RSA + "hash_method", _LONG_HASHES),
    lowered("final_hash_method", _RSA + "final_hash_method", _HASHES),
    boolean("split_calculation", _RSA + "split_calculation"),
    when(
        holds("random_base_fraction", bool),
        positive_number("random_base_fraction", _RSA),
        decimal("random_base_fraction", _RSA + "random_base_fraction"),
    ),
    positive_integer("key_length", _RSA + "key_length"),
    _LONG_KEY,
    positive_integer("random_bit", _RSA + "random_bit"),
)

_DH_RULES: Rules = (
    string("salt", _DH + "salt"),
    lowered("hash_method", _DH + "hash_method", ["none", *_HASHES]),
    positive_integer("key_length", _DH + "key_length"),
    _LONG_KEY,
)

_ECDH_RULES: Rules = (
    string("salt", _ECDH + "salt"),
    lowered("hash_method", _ECDH + "hash_method", _LONG_HASHES),
    lowered("curve", _ECDH + "curve", ["curve25519"]),
)

_RATE = "false_positive_rate"

_PREPROCESS_RULES: Rules = (
    decimal(_RATE, _BEFORE.format(_RATE)),
    positive_number(_RATE, _BEFORE.format(_RATE)),
    need(
        _RATE,
        lambda rate: rate <= 0.5,
        _BEFORE.format(_RATE) + " must be positive float no greater than 0.5",
    ),
    lowered("encrypt_method", _BEFORE.format("encrypt_method"), ["rsa"]),
    when(holds("random_state", bool), non_negative("random_state", _BEFORE.format("random_state"))),
    lowered("hash_method", _BEFORE.format("hash_method"), _HASHES),
    string("preprocess_salt", _BEFORE.format("preprocess_salt")),
    lowered("preprocess_method", _BEFORE.format("preprocess_method"), _HASHES),
    lowered("filter_owner", _BEFORE.format("filter_owner"), _PARTIES),
)


def _raw_means_ecdh(values: Values) -> None:
    if values["intersect_method"].lower() == "raw":
        values["intersect_method"] = "ecdh"


def _moved(name: str, folder: str) -> Rule:
    """Parameter `name` became one of the map `folder`; both may not be given."""

    def rule(values: Values) -> None:
        fed = values.get(FED, ())
        if name not in fed:
            return
        if f"{folder}.{name}" in fed:
            raise ValueError(f"{name} and {folder}.{name} should not be set simultaneously")
        values[folder][name] = values[name]

    return rule


def _encoding_overrides_raw(values: Values) -> None:
    fed = values.get(FED, ())
    if "encode_params" not in fed and "with_encode" not in fed:
        return
    for old, new in (("with_encode", "raw_params.use_hash"), ("encode_params", "raw_params")):
        if old in fed and new in fed:
            raise ValueError("'raw_params' and 'encode_params' should not be set simultaneously.")
    encode = values["encode_params"]
    values["raw_params"].update(
        use_hash=values["with_encode"],
        hash_method=encode["encode_method"],
        salt=encode["salt"],
        base64=encode["base64"],
    )


def _split(values: Values) -> bool:
    return bool(values["rsa_params"]["split_calculation"])


LATER_INTERSECTION: Rules = (
    _raw_means_ecdh,
    lowered("intersect_method", _INTERSECT + "intersect_method", ["rsa", "raw", "dh", "ecdh"]),
    _moved("random_bit", "rsa_params"),
    boolean("sync_intersect_ids", _INTERSECT + "intersect_ids"),
    _moved("join_role", "raw_params"),
    boolean("only_output_key", _INTERSECT + "only_output_key"),
    lowered("join_method", _INTERSECT + "join_method", ["inner_join", "left_join"]),
    boolean("new_sample_id", _INTERSECT + "new_sample_id"),
    lowered("sample_id_generator", _INTERSECT + "sample_id_generator", _PARTIES),
    ensure(
        lambda values: values["join_method"] != "left_join" or values["sync_intersect_ids"],
        "Cannot perform left join without sync intersect ids",
    ),
    boolean("run_cache", _INTERSECT + " run_cache"),
    _encoding_overrides_raw,
    nested("raw_params", _RAW_RULES),
    nested("rsa_params", _RSA_RULES),
    nested("dh_params", _DH_RULES),
    nested("ecdh_params", _ECDH_RULES),
    boolean("cardinality_only", _INTERSECT + "cardinality_only"),
    boolean("sync_cardinality", _INTERSECT + "sync_cardinality"),
    boolean("run_preprocess", _INTERSECT + "run_preprocess"),
    nested("intersect_preprocess_params", _PREPROCESS_RULES),
    when(
        holds("cardinality_only", bool),
        need(
            "cardinality_method",
            lambda name: name in ["rsa", "dh", "ecdh"],
            "cardinality-only mode only support rsa, dh, ecdh.",
        ),
        ensure(
            lambda values: values["cardinality_method"] != "rsa" or not _split(values),
            "cardinality-only mode only supports unified calculation.",
        ),
    ),
    when(
        holds("run_preprocess", bool),
        ensure(
            lambda values: values["intersect_preprocess_params"][_RATE] >= 0.01,
            "for preprocessing ids, false_positive_rate must be no less than 0.01",
        ),
        ensure(
            lambda values: not values["cardinality_only"],
            "cardinality_only mode cannot run preprocessing.",
        ),
    ),
    when(
        holds("run_cache", bool),
        ensure(
            lambda values: values["intersect_method"] != "rsa" or not _split(values),
            "RSA split_calculation does not support cache.",
        ),
        ensure(
            lambda values: not values["cardinality_only"],
            "cache is not available for cardinality_only mode.",
        ),
        ensure(
            lambda values: not values["run_preprocess"],
            "Preprocessing does not support cache.",
        ),
    ),
)
