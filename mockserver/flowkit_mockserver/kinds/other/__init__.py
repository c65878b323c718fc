"""The kinds of the family other."""
