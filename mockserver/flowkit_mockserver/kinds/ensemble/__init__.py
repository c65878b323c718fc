"""The kinds of the family ensemble."""
