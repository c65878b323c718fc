"""The kinds of the family statistic."""
