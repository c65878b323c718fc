"""Networks as the bytes of a saved model: JSON in base64, in the fields where FATE keeps what TensorFlow saved."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["LINEAR", "TORCH", "packed", "unpacked"]

#: What a saved model was trained with: the linear stand-in, or torch.
LINEAR, TORCH = "flowkit-linear", "flowkit-torch"


def packed(form: str, arrays: Mapping[str, NDArray[Any]], **facts: Any) -> str:
    """Return arrays and further facts (plain JSON) as a saved model."""
    document = {
        "form": form,
        "arrays": {name: array.tolist() for name, array in arrays.items()},
        **facts,
    }
    return base64.b64encode(json.dumps(document, sort_keys=True).encode()).decode()


def unpacked(saved: str) -> tuple[str, dict[str, NDArray[np.float64]], dict[str, Any]]:
    """Return what `packed` had packed: form, arrays, facts.

    Raises:
        ValueError: it was saved by something else, as TensorFlow does it on a real server.
    """
    try:
        document = json.loads(base64.b64decode(saved))
        form, arrays = document.pop("form"), document.pop("arrays")
    except (KeyError, TypeError, ValueError, binascii.Error) as problem:
        raise ValueError(
            "the network of this model was not saved by this mock server; what TensorFlow or torch saved on a real"
            " server cannot be read here"
        ) from problem
    return (
        form,
        {name: np.array(values, dtype=np.float64) for name, values in arrays.items()},
        document,
    )
