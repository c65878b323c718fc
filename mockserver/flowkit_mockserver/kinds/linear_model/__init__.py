"""The kinds of the family linear_model."""
