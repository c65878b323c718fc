"""What the components of a line compute otherwise than those of the lines before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flowkit.servers import ServerLine, line_of

__all__ = ["FIRST_BEHAVIOUR", "SINCE", "UNTIL", "Behaviour", "behaviour_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """How components compute. The defaults are those of FATE 1.6.

    Attributes:
        keeps_names: tables carry the name of their id column as it was uploaded, and features of another party go by
            its name for them (``host_9999_x1``) instead of their place (``host_9999_1``).
        exact_fillings: replacements of missing values and outliers keep all digits, where they were rounded to six.
        rising_thresholds: confusion matrices and F1 scores are those of 100 thresholds from 0.00 to 0.99, instead of
            101 scores downwards.
        weighted_jaccard: the Jaccard score of a clustering is weighted by class, not the share of equal labels.
        whole_cross_term: the loss of a logistic regression counts what guest and host have in common fully, where a
            quarter was counted, and the guest's squares of the batch, where those of the whole table were.
        saves_losses: the arbiter of a regression saves how the loss went, and models have the fields of encrypted
            weights.
        callbacks: a model is looked at in training as ``callback_param`` says.
        federated_average: homogeneous logistic regression is a network that is trained on each side and averaged.
        structured_binning: the summary of a binning comes by class, and its model tells of what hosts transform.
        keeps_summaries: summaries of columns keep all values, where those beyond the greatest one of a later batch of
            10,000 were lost.
        skips_missing: sums, means and extremes of columns leave out what is missing, where they were NaN, and it is in
            a bin of its own, where it was in the first.
        seeks_in_one_pass: the bounds of quantile bins are sought in one pass, so that the last one may lie below the
            greatest value.
        tells_unbinned: a binning tells of the columns that it leaves alone too, and counts missing values as a bin.
        samples_by_weight: samples can be drawn as often as their weights say.
        hosts_take_evidence: a host may ask for weights of evidence, and fails only where it has none.
        counts_match_ids: an intersection counts ids that came in and those without a match.
        hides_raw_ids: ids that were exchanged in the clear go over curves, whatever is asked for.
        counts_own_ids: an intersection says how many ids each party has.
        hosts_count: hosts of a homogeneous logistic regression count its iterations, so that their rates decay as well.
        sorts_labels: a binning holds the larger of two labels against the other, where it took the first one it met.
        counts_host_bins: the model of a binning says how many bins a host has, where it said none.
        loads_choice: a binning that is given a model saves which columns that transforms and into what, where it saved
            what its own parameters say.
        newer_python: the server runs on Python 3.8, which pickles keys otherwise, so that they lie in other partitions,
            and hashes pairs otherwise, by which hosts of boosted trees shuffle their splits; and on numpy 1.23, whose
            exponentials have other last digits, and scikit-learn 1.0, which shares ties among strata otherwise.
        anonymous_trees: a party's trees say nothing of the splits of others, and how many samples are in a leaf.
        samples_first: the guest of boosted trees draws its samples before the features of a tree.
        statistics_only: a component that describes a table does not hand the table on.
        exact_correlations: correlations across parties are not cut to fixed point.
        named_clusters: tables of clusters name every column.
        encrypted_sums: hetero regressions sum what is encrypted as fixed point, exactly, to the last digit of a real
            server; before, only their method is the same.
        weighs_samples: hetero regressions weigh the errors of samples, and tables show weights behind the label.
        numbers_bins: a homogeneous binning hands on the numbers of the bins, where it had only found their bounds.
        spells_classes: details of a regression for each class name the classes by texts, where they were integers.
        names_no_penalty: the model of a regression without a penalty says NONE, where it said nothing.
        own_importances: each party selects columns by the trees of a model for itself, where the guest did for all.
        counts_splits: hetero boosted trees rank columns by how often they split, whatever is asked for.
        marks_leaves: leaves name the column and the bound -1, where they named the first.
        narrows_intervals: common bounds of a homogeneous binning are sought in intervals that narrow from both sides,
            and a rank counts the values that equal the bound.
        own_networks: networks are those of the user, run by trainers; none of them is run here.
        drops_match_id_names: the model of a DataTransform has no field for the name of match ids.
        forgets_labels: who transforms data without a label leaves its name out, where it had kept that of the conf.
        flat_evaluations: the summary of an evaluation is that of one set, the validation where there is one, and names
            neither the set nor the predictions.
        plain_binnings: the summary of a hetero binning tells no bounds, and hosts have none.
        saves_paths: the model of a homogeneous network has a field for where a trainer saved the network.
        loses_medians: trees that start from the median of the labels fail, as nobody named that column for others.
        grown_tweedie: the answer of a tweedie regression is the exponential of its score, where it was the score.
        linear_models: regressions check their parameters by the rules of linear models, in the words of those.
        keeps_zeros_missing: a guest that predicts with trees takes zeros for missing values where training did.
        adds_depths: the depth of layered trees is the sum of those of guest and host, where it was that of any tree.
        needs_alignment: a homogeneous one-hot encoding fails where parties do not align their values.
        starts_from_zero: homogeneous boosted trees of a regression start from zero, where every party started from its
            own labels.
        keeps_importances: boosted trees that are loaded know which columns mattered, and no longer the best iteration.
        later_scikit: a local regression is solved by lbfgs and its classes share one softmax, if nothing else is asked.
    """

    keeps_names: bool = False
    exact_fillings: bool = False
    rising_thresholds: bool = False
    weighted_jaccard: bool = False
    whole_cross_term: bool = False
    saves_losses: bool = False
    callbacks: bool = False
    federated_average: bool = False
    structured_binning: bool = False
    keeps_summaries: bool = False
    skips_missing: bool = False
    seeks_in_one_pass: bool = False
    tells_unbinned: bool = False
    samples_by_weight: bool = False
    hosts_take_evidence: bool = False
    counts_match_ids: bool = False
    hides_raw_ids: bool = False
    counts_own_ids: bool = False
    counts_host_bins: bool = False
    loads_choice: bool = False
    sorts_labels: bool = False
    hosts_count: bool = False
    newer_python: bool = False
    anonymous_trees: bool = False
    samples_first: bool = False
    statistics_only: bool = False
    exact_correlations: bool = False
    named_clusters: bool = False
    encrypted_sums: bool = False
    weighs_samples: bool = False
    numbers_bins: bool = False
    spells_classes: bool = False
    names_no_penalty: bool = False
    own_importances: bool = False
    counts_splits: bool = False
    marks_leaves: bool = False
    narrows_intervals: bool = False
    own_networks: bool = False
    drops_match_id_names: bool = False
    forgets_labels: bool = False
    saves_paths: bool = False
    flat_evaluations: bool = False
    plain_binnings: bool = False
    loses_medians: bool = False
    grown_tweedie: bool = False
    linear_models: bool = False
    keeps_zeros_missing: bool = False
    adds_depths: bool = False
    needs_alignment: bool = False
    starts_from_zero: bool = False
    keeps_importances: bool = False
    later_scikit: bool = False


#: How the components of 1.6 compute.
FIRST_BEHAVIOUR = Behaviour()

#: The line from which on each of them holds.
SINCE: Mapping[str, str] = {
    "keeps_names": "1.9",
    "exact_fillings": "1.7",
    "rising_thresholds": "1.7",
    "weighted_jaccard": "1.7",
    "whole_cross_term": "1.7",
    "saves_losses": "1.7",
    "callbacks": "1.7",
    "federated_average": "1.10",
    "structured_binning": "1.7",
    "keeps_summaries": "1.7",
    "skips_missing": "1.7",
    "seeks_in_one_pass": "1.8",
    "tells_unbinned": "1.11",
    "samples_by_weight": "1.10",
    "hosts_take_evidence": "1.10",
    "counts_match_ids": "1.7",
    "hides_raw_ids": "1.11",
    "counts_own_ids": "1.10",
    "counts_host_bins": "1.10",
    "loads_choice": "1.11",
    "sorts_labels": "1.10",
    "hosts_count": "1.7",
    "newer_python": "1.9",
    "anonymous_trees": "1.7",
    "samples_first": "1.7",
    "statistics_only": "1.8",
    "exact_correlations": "1.9",
    "named_clusters": "1.8",
    "encrypted_sums": "1.8",
    "weighs_samples": "1.7",
    "numbers_bins": "1.9",
    "spells_classes": "1.9",
    "names_no_penalty": "1.8",
    "own_importances": "1.8",
    "counts_splits": "1.8",
    "marks_leaves": "1.8",
    "narrows_intervals": "1.8",
    "own_networks": "1.10",
    "drops_match_id_names": "1.10",
    "forgets_labels": "1.7",
    "saves_paths": "1.11",
    "loses_medians": "1.9",
    "grown_tweedie": "1.10",
    "linear_models": "1.8",
    "keeps_zeros_missing": "1.7",
    "adds_depths": "1.11",
    "needs_alignment": "1.9",
    "starts_from_zero": "1.9",
    "keeps_importances": "1.8",
    "later_scikit": "1.7",
}


#: The line up to which some of them hold. What FATE 1.5.3 has of lines after 1.6 is here, too.
UNTIL: Mapping[str, str] = {
    "flat_evaluations": "1.5",
    "plain_binnings": "1.5",
    "whole_cross_term": "1.5",
}


def behaviour_of(line: ServerLine) -> Behaviour:
    """Return how the components of a line compute."""
    found = {name: line_of(first) <= line for name, first in SINCE.items()}
    for name, last in UNTIL.items():
        found[name] = found.get(name, False) or line <= line_of(last)
    return Behaviour(**found)
