"""The kinds of the family evaluation."""
