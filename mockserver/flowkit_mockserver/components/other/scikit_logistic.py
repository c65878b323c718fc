"""scikit-learn's LogisticRegression as in release 0.21.3, which FATE 1.6.1 runs on, and in 0.24 and 1.0 of later lines.

In 0.21.3 the solver is liblinear and several classes are told apart one against the rest; 0.24 and 1.0 take ``lbfgs``
and one softmax. What all of them take for granted and today's release does otherwise: ``lbfgs`` and ``newton-cg``
minimise a sum over the samples, not a mean, so that `tol` means the gradient of the sum; ``lbfgs`` stops as well when
the loss falls by less than 2.2e-9 of itself, which no option of today's class says, so that for this solver scipy is
called as those releases called it.

Notation: n samples, d features, y = ±1, s the weight of a sample.

===============  ====================================================================================
objective        C Σ s ln(1 + exp(-y (X w + b))) + wᵀw / 2; here divided by C, with alpha = 1 / C
multinomial      -Σ s ln(softmax(X W + b)) of the true class + alpha Σ W² / 2
===============  ====================================================================================
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.optimize
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.utils.class_weight import compute_sample_weight

__all__ = ["FittedLogistic", "fit_logistic", "probabilities"]

Array = NDArray[Any]
Floats = NDArray[np.float64]

_BINARY = 2
_DEFAULTS: Mapping[str, Any] = {
    "penalty": "l2",
    "dual": False,
    "tol": 1e-4,
    "C": 1.0,
    "fit_intercept": True,
    "intercept_scaling": 1,
    "class_weight": None,
    "random_state": None,
    "solver": "warn",
    "max_iter": 100,
    "multi_class": "warn",
    "verbose": 0,
    "warm_start": False,
    "n_jobs": None,
    "l1_ratio": None,
}
_LATER_DEFAULTS: Mapping[str, Any] = {**_DEFAULTS, "solver": "lbfgs", "multi_class": "auto"}
_SOLVERS = ["liblinear", "newton-cg", "lbfgs", "sag", "saga"]
_PENALTIES = ["l1", "l2", "elasticnet", "none"]
#: What scipy stopped at in that release: 1e7 times the spacing of floats.
_SMALLEST_GAIN = 1e7 * float(np.finfo(np.float64).eps)
_SUMMED = {"lbfgs", "newton-cg"}


@dataclass(frozen=True, eq=False)
class FittedLogistic:
    """A fitted regression.

    Attributes:
        options: all options, with their defaults.
        classes: the k classes, in order.
        weights: (k, d), or (1, d) for two classes.
        intercepts: (k,), or (1,).
        iterations: of the first class; of the slowest with liblinear.
        shared: whether the scores of all classes go into one softmax.
    """

    options: Mapping[str, Any]
    classes: list[Any]
    weights: Floats
    intercepts: Floats
    iterations: int
    shared: bool


def _checked(given: Mapping[str, Any], *, later: bool) -> dict[str, Any]:
    """Return all options.

    Raises:
        TypeError: one is unknown.
        ValueError: one is wrong, or does not go with the others.
    """
    unknown = [name for name in given if name not in _DEFAULTS]
    if unknown:
        raise TypeError(f"__init__() got an unexpected keyword argument '{unknown[0]}'")
    options = {**(_LATER_DEFAULTS if later else _DEFAULTS), **given}
    checks = (_check_numbers, _check_solver)
    for check in reversed(checks) if later else checks:
        check(options)
    several = ["ovr", "multinomial", "auto", *([] if later else ["warn"])]
    if options["multi_class"] not in several:
        raise ValueError(
            f"multi_class should be 'multinomial', 'ovr' or 'auto'. Got {options['multi_class']}."
        )
    if options["multi_class"] == "multinomial" and _solver(options) == "liblinear":
        raise ValueError("Solver liblinear does not support a multinomial backend.")
    return options


def _check_numbers(options: Mapping[str, Any]) -> None:
    if not _is_number(options["C"]) or options["C"] < 0:
        raise ValueError(f"Penalty term must be positive; got (C={options['C']!r})")
    ratio = options["l1_ratio"]
    if options["penalty"] == "elasticnet" and not (_is_number(ratio) and 0 <= ratio <= 1):
        raise ValueError(f"l1_ratio must be between 0 and 1; got (l1_ratio={ratio!r})")
    if not _is_number(options["max_iter"]) or options["max_iter"] < 0:
        raise ValueError(
            f"Maximum number of iteration must be positive; got (max_iter={options['max_iter']!r})"
        )
    if not _is_number(options["tol"]) or options["tol"] < 0:
        raise ValueError(
            f"Tolerance for stopping criteria must be positive; got (tol={options['tol']!r})"
        )


def _check_solver(options: Mapping[str, Any]) -> None:
    solver, penalty = _solver(options), options["penalty"]
    if solver not in _SOLVERS:
        raise ValueError(f"Logistic Regression supports only solvers in {_SOLVERS}, got {solver}.")
    if penalty not in _PENALTIES:
        raise ValueError(
            f"Logistic Regression supports only penalties in {_PENALTIES}, got {penalty}."
        )
    if solver not in {"liblinear", "saga"} and penalty not in {"l2", "none"}:
        raise ValueError(
            f"Solver {solver} supports only 'l2' or 'none' penalties, got {penalty} penalty."
        )
    if solver != "liblinear" and options["dual"]:
        raise ValueError(f"Solver {solver} supports only dual=False, got dual={options['dual']}")
    if penalty == "elasticnet" and solver != "saga":
        raise ValueError(f"Only 'saga' solver supports elasticnet penalty, got solver={solver}.")
    if solver == "liblinear" and penalty == "none":
        raise ValueError("penalty='none' is not supported for the liblinear solver")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _solver(options: Mapping[str, Any]) -> str:
    return "liblinear" if options["solver"] == "warn" else str(options["solver"])


def _is_shared(options: Mapping[str, Any], classes: int) -> bool:
    asked = options["multi_class"]
    if asked == "auto":
        return _solver(options) != "liblinear" and classes > _BINARY
    return bool(asked == "multinomial")


def fit_logistic(
    features: Floats,
    labels: Array,
    weights: Floats | None,
    given: Mapping[str, Any],
    *,
    later: bool = False,
) -> FittedLogistic:
    """Fit a regression.

    Args:
        features: shape (n, d).
        labels: shape (n,).
        weights: shape (n,), or None.
        given: the options that the user gave.
        later: whether those that he did not give are those of release 0.24 on.

    Raises:
        TypeError: an option is unknown.
        ValueError: an option is wrong, a value is not finite, or there is only one class.
    """
    options = _checked(given, later=later)
    if not np.isfinite(features).all():
        raise ValueError("Input contains NaN, infinity or a value too large for dtype('float64').")
    classes = np.unique(labels)
    if len(classes) < _BINARY:
        raise ValueError(
            "This solver needs samples of at least 2 classes in the data, but the data contains"
            f" only one class: {classes[0]}"
        )
    counts = np.ones(len(labels)) if weights is None else weights
    shared = _is_shared(options, len(classes))
    if shared and _solver(options) == "lbfgs":
        places = np.searchsorted(classes, labels)
        found = [_softmax_minimum(features, places, _balanced(options, labels, counts), options)]
    elif shared and len(classes) == _BINARY:
        raise ValueError(
            f"multi_class 'multinomial' is computed for two classes with the solver lbfgs only,"
            f" not with {_solver(options)}; leave multi_class out"
        )
    elif shared:
        found = [_one_fit(features, labels, _balanced(options, labels, counts), options)]
    else:
        events = classes if len(classes) > _BINARY else classes[1:]
        fit = _minimum if _solver(options) == "lbfgs" else _one_fit
        found = [
            fit(
                features,
                np.where(labels == event, 1.0, -1.0),
                _of_event(labels, event, counts, options),
                options,
            )
            for event in events
        ]
    iterations = [one[2] for one in found]
    return FittedLogistic(
        options,
        classes.tolist(),
        np.vstack([one[0] for one in found]),
        np.concatenate([one[1] for one in found]),
        max(iterations) if _solver(options) == "liblinear" else iterations[0],
        shared,
    )


_Found = tuple[Floats, Floats, int]
"""Weights (k, d), intercepts (k,) and iterations of one fit."""


def _balanced(options: Mapping[str, Any], labels: Array, counts: Floats) -> Floats:
    asked = options["class_weight"]
    if asked is None:
        return counts
    if isinstance(asked, Mapping):
        asked = {int(name): share for name, share in asked.items()}
    shares: Floats = np.asarray(compute_sample_weight(asked, labels))
    return counts * shares


def _of_event(labels: Array, event: Any, counts: Floats, options: Mapping[str, Any]) -> Floats:
    """Return the weights of the samples where one class is told from the rest."""
    balanced = options["class_weight"] == "balanced"
    return _balanced(options, labels == event if balanced else labels, counts)


def _one_fit(features: Floats, labels: Array, counts: Floats, options: Mapping[str, Any]) -> _Found:
    solver, penalty = _solver(options), options["penalty"]
    ratio = {"l1": 1.0, "elasticnet": options["l1_ratio"]}.get(penalty, 0.0)
    model = LogisticRegression(
        C=np.inf if penalty == "none" else options["C"],
        l1_ratio=ratio,
        dual=options["dual"],
        tol=options["tol"] / counts.sum() if solver in _SUMMED else options["tol"],
        fit_intercept=options["fit_intercept"],
        intercept_scaling=options["intercept_scaling"],
        random_state=options["random_state"],
        solver=solver,
        max_iter=options["max_iter"],
    )
    with warnings.catch_warnings():
        # That the iterations did not suffice shows in the model.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(features, labels, counts)
    intercepts = np.broadcast_to(np.asarray(model.intercept_, dtype=np.float64), len(model.coef_))
    return model.coef_, intercepts, int(np.max(model.n_iter_))


def _minimum(
    features: Floats, labels: Floats, counts: Floats, options: Mapping[str, Any]
) -> _Found:
    alpha = 0.0 if options["penalty"] == "none" else 1.0 / options["C"]
    width = features.shape[1]

    def objective(at: Floats) -> tuple[float, Floats]:
        weights = at[:width]
        linear = labels * (features @ weights + (at[-1] if options["fit_intercept"] else 0.0))
        loss = counts @ np.logaddexp(0, -linear) + 0.5 * alpha * (weights @ weights)
        residuals = -counts * labels / (1 + np.exp(np.minimum(linear, 700.0)))
        gradient = features.T @ residuals + alpha * weights
        last = [residuals.sum()] if options["fit_intercept"] else []
        return float(loss), np.append(gradient, last)

    at, iterations = _descend(objective, width + options["fit_intercept"], options)
    return at[None, :width], np.append(at[width:], [0.0])[:1], iterations


def _softmax_minimum(
    features: Floats, places: Array, counts: Floats, options: Mapping[str, Any]
) -> _Found:
    alpha = 0.0 if options["penalty"] == "none" else 1.0 / options["C"]
    classes, width = int(places.max()) + 1, features.shape[1]
    columns = width + options["fit_intercept"]
    truth = np.eye(classes)[places]

    def objective(at: Floats) -> tuple[float, Floats]:
        table = at.reshape(classes, columns)
        weights = table[:, :width]
        linear = features @ weights.T + (table[:, -1] if options["fit_intercept"] else 0.0)
        linear -= linear.max(axis=1, keepdims=True)
        logarithms = linear - np.log(np.exp(linear).sum(axis=1, keepdims=True))
        loss = -counts @ (truth * logarithms).sum(axis=1) + 0.5 * alpha * np.sum(weights**2)
        residuals = counts[:, None] * (np.exp(logarithms) - truth)
        gradient = np.empty_like(table)
        gradient[:, :width] = residuals.T @ features + alpha * weights
        if options["fit_intercept"]:
            gradient[:, -1] = residuals.sum(axis=0)
        return float(loss), gradient.ravel()

    at, iterations = _descend(objective, classes * columns, options)
    table = at.reshape(classes, columns)
    if classes == _BINARY:
        # The weights of the second class alone are kept.
        table = table[1:]
    intercepts = table[:, -1] if options["fit_intercept"] else np.zeros(len(table))
    return table[:, :width], intercepts, iterations


def _descend(objective: Any, size: int, options: Mapping[str, Any]) -> tuple[Floats, int]:
    found = scipy.optimize.minimize(
        objective,
        np.zeros(size),
        method="L-BFGS-B",
        jac=True,
        options={"maxiter": options["max_iter"], "gtol": options["tol"], "ftol": _SMALLEST_GAIN},
    )
    at: Floats = found.x
    return at, min(int(found.nit), options["max_iter"])


def probabilities(features: Floats, weights: Floats, intercepts: Floats, *, shared: bool) -> Floats:
    """Return the probability of every class, shape (n, k).

    Args:
        features: shape (n, d).
        weights: shape (k, d), or (1, d) for two classes.
        intercepts: shape (k,), or (1,).
        shared: whether all classes go into one softmax; else each is told from the rest, and their sum made 1.

    Raises:
        ValueError: the features are not those of the weights, or not finite.
    """
    if features.shape[1] != weights.shape[1]:
        raise ValueError(
            f"X has {features.shape[1]} features per sample; expecting {weights.shape[1]}"
        )
    if not np.isfinite(features).all():
        raise ValueError("Input contains NaN, infinity or a value too large for dtype('float64').")
    linear = features @ weights.T + intercepts
    if shared:
        if linear.shape[1] == 1:
            linear = np.column_stack((-linear, linear))
        grown = np.exp(linear - linear.max(axis=1, keepdims=True))
        return np.asarray(grown / grown.sum(axis=1, keepdims=True))
    shares = 1 / (1 + np.exp(-linear))
    if shares.shape[1] == 1:
        return np.column_stack((1 - shares, shares))
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))
