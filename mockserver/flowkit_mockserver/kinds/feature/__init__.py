"""The kinds of the family feature."""
