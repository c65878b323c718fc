"""How exceptions of the server show: in the words of its Python, and under the names of its classes."""

from __future__ import annotations

import re

__all__ = ["class_of", "server_text", "show_exception", "show_text", "traceback_of"]

#: What the Python of the servers (3.6 to 3.8) says where a later one says something else.
_WORDS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"^string indices must be integers, not .*$"), "string indices must be integers"),
    (re.compile(r"^(int\(\) argument .*) or a real number, "), r"\1 or a number, "),
    (re.compile(r"^(expected string or bytes-like object), got .*$"), r"\1"),
    (re.compile(r" is not a container or iterable$"), " is not iterable"),
    (re.compile(r"^cannot use '\w+' as a \w+ \w+ \((.*)\)$"), r"\1"),
)

#: Sentences of the server that are exceptions, by how they read: pattern → class. The rest are plain answers.
_CLASSES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.DOTALL), name)
    for pattern, name in (
        (r"argument after \*\* must be a mapping", "TypeError"),
        (r"missing \d+ required positional argument", "TypeError"),
        (r"^argument of type '\w+' is not iterable$", "TypeError"),
        (r"not supported between instances of", "TypeError"),
        (r"object (?:'\w+' )?has no attribute '\w+'$", "AttributeError"),
        (r"^'\w+'$", "KeyError"),
        (r"^list index out of range$", "IndexError"),
        (r"^no parameters$", "TypeError"),
        (r"^required parameters? are missing", "KeyError"),
        (r"^SQLError: ", "SQLError"),
        (r"^ConstraintError: ", "IntegrityError"),
        (r"^no found (task$|job |log |table: )", "Exception"),
        (r"^job type .* Missing parameters$", "Exception"),
        (r"^Not supported model operation: ", "Exception"),
        (r"^query job .* failed$", "Exception"),
        (r"^Can not found '.*' tag\.$", "Exception"),
        (r"^Can not found model by job id: ", "Exception"),
        (r"^'.*' has already exists in database\.$", "Exception"),
        (r" already been tagged as tag ", "Exception"),
        (r" does not have tag ", "Exception"),
        (r"^Tag name should not be an empty string\.$", "Exception"),
        (r"^The .* operation is not currently supported\.$", "Exception"),
        (r"is not a zip file$", "ReadError"),
        (r"^There are no dsl, ", "DSLNotExistError"),
        (r"^No components filed in dsl, ", "ComponentFieldNotExistError"),
        (r", module field does not exist in dsl, ", "ModuleFieldNotExistError"),
        (
            r"^Component name .* is not illegal|^Component name .*'is not illegal",
            "NamingFormatError",
        ),
        (
            r"^Component .*'s (data|model|isometric_model|cache) input .* does not exist$",
            "InputComponentNotExistError",
        ),
        (r"^Component .*' s .* input .*'s output .* does not exist$", "InputNameNotExistError"),
        (r"^Input of component .* should be dict$", "ComponentInputTypeError"),
        (r"^Output of component .* should be dict, but ", "ComponentOutputTypeError"),
        (
            r"^Component .*'s output key .* value type should be list$",
            "ComponentOutputKeyTypeError",
        ),
        (r"^Component .*'s input data type should be dict$", "ComponentInputDataTypeError"),
        (r"^Component .*'s input .* type should be list, but ", "ComponentInputValueTypeError"),
        (r"^Checkpoint not found\.$", "TypeError"),
        (r"^'cpn_list' should not be set when 'predict_dsl' is set$", "KeyError"),
        (r"^Child model could not be deployed\.$", "Exception"),
        (r" form a loop$", "LoopError"),
        (r"^dsl' s mode should be train or predict$", "ModeError"),
        (
            r"^components .* not exist in training dsl, can not deploy!!!$",
            "DeployComponentNotExistError",
        ),
        (r"^Component .* does not exist, please have a check$", "ComponentNotExistError"),
        (r" not exists in model local cache\.$", "FileNotFoundError"),
        (r"^Can not found \S+ \d+ model local cache$", "FileNotFoundError"),
        (r"^only the v2 version runtime conf is supported$", "Exception"),
        (r"^initiator party id .* not in roles ", "Exception"),
        (r"^model has not been deployed yet$", "Exception"),
        (r"has not been deployed yet\.$", "Exception"),
        (r" version of dsl parser is not currently supported\.$", "Exception"),
    )
)

#: The classes that FATE Flow defines for what is wrong with a DSL; their repr shows no text.
_OF_DSL = frozenset(
    name
    for _, name in _CLASSES
    if name.endswith(("ExistError", "TypeError", "FormatError", "LoopError", "ModeError"))
) - {"TypeError"}
_DSL_MODULE = "fate_flow.utils.dsl_exception."
_PYTHON = frozenset(
    (
        "AssertionError",
        "AttributeError",
        "IndexError",
        "KeyError",
        "TypeError",
        "ValueError",
        "FileNotFoundError",
        "UnicodeDecodeError",
    )
)


def server_text(error: Exception) -> str:
    """Return what ``str(error)`` is on the Python of the server."""
    text = str(error)
    for pattern, replacement in _WORDS:
        text = pattern.sub(replacement, text)
    return text


def class_of(text: str, cause: BaseException | None = None) -> str | None:
    """Return the name of the class of an exception with this text; None if the text is no exception's.

    Args:
        text: the text.
        cause: the exception of this Python that the text comes from, if it comes from one.
    """
    if cause is not None and type(cause).__name__ in _PYTHON:
        return type(cause).__name__
    return next((name for pattern, name in _CLASSES if pattern.search(text)), None)


def show_text(text: str, cause: BaseException | None = None) -> str:
    """Return the repr of the exception that a text belongs to; a text that is no exception's stays as it is."""
    name = class_of(text, cause)
    return text if name is None else _repr(name, text)


def show_exception(error: Exception) -> str:
    """Return ``repr(error)`` as it is on the Python of the server; that of an HTTP error names its status."""
    if (
        not hasattr(error, "get_response")
        and len(error.args) == 1
        and isinstance(error.args[0], str)
    ):
        return _repr(
            type(error).__name__,
            error.args[0] if isinstance(error, KeyError) else server_text(error),
        )
    return repr(error)


def _repr(name: str, text: str) -> str:
    if name in _OF_DSL:
        return f"{name}()"
    if name == "KeyError" and len(text) > 1 and text[0] == text[-1] == "'":
        text = text[1:-1]
    return f"{name}({text!r})"


def traceback_of(text: str, cause: BaseException | None = None) -> str:
    """Return a traceback that ends in the exception that a text belongs to; its frames are left out."""
    name = class_of(text, cause) or "Exception"
    shown = repr(text) if name == "KeyError" and not (text[:1] == text[-1:] == "'") else text
    module = _DSL_MODULE if name in _OF_DSL else ""
    return f"Traceback (most recent call last):\n{module}{name}: {shown}\n"
