"""What components found, as data: typed values from the server's answers, for tables, charts and programs.

Each function takes a reply, or its data, and returns frozen dataclasses; it asks no server. An answer that holds
nothing of a kind gives an empty tuple, or None where there can be one only; one of another form is an `ArgumentError`::

    from flowkit.results import read_roc

    for curve in read_roc(flow.component.metric_all(job_id, "guest", 9999, "evaluation_0")):
        print(curve.label, curve.auc, curve.points)
"""

from flowkit.results.answers import Metric, Source, read_metric_names, read_metrics
from flowkit.results.binning import Bin, FeatureBins, read_binning
from flowkit.results.confusion import (
    ConfusionMatrices,
    ConfusionMatrix,
    ContingencyTable,
    read_confusion,
    read_contingency,
)
from flowkit.results.correlation import CorrelationMatrix, Correlations, read_correlations
from flowkit.results.curves import (
    Curve,
    KsCurve,
    LossCurve,
    PrecisionRecallCurve,
    RocCurve,
    read_accuracy,
    read_gain,
    read_ks,
    read_lift,
    read_loss,
    read_precision_recall,
    read_roc,
)
from flowkit.results.dag import Dag, DagEdge, DagNode, read_dag, read_dependencies
from flowkit.results.importance import (
    Coefficients,
    FeatureImportance,
    read_coefficients,
    read_importance,
)
from flowkit.results.scorecard import Scorecard, read_scorecard
from flowkit.results.scores import ClassScores, Score, read_class_scores, read_scores
from flowkit.results.stability import Stability, read_feature_stability, read_stability
from flowkit.results.trees import Tree, TreeNode, read_trees

__all__ = [
    "Bin",
    "ClassScores",
    "Coefficients",
    "ConfusionMatrices",
    "ConfusionMatrix",
    "ContingencyTable",
    "CorrelationMatrix",
    "Correlations",
    "Curve",
    "Dag",
    "DagEdge",
    "DagNode",
    "FeatureBins",
    "FeatureImportance",
    "KsCurve",
    "LossCurve",
    "Metric",
    "PrecisionRecallCurve",
    "RocCurve",
    "Score",
    "Scorecard",
    "Source",
    "Stability",
    "Tree",
    "TreeNode",
    "read_accuracy",
    "read_binning",
    "read_class_scores",
    "read_coefficients",
    "read_confusion",
    "read_contingency",
    "read_correlations",
    "read_dag",
    "read_dependencies",
    "read_feature_stability",
    "read_gain",
    "read_importance",
    "read_ks",
    "read_lift",
    "read_loss",
    "read_metric_names",
    "read_metrics",
    "read_precision_recall",
    "read_roc",
    "read_scorecard",
    "read_scores",
    "read_stability",
    "read_trees",
]
