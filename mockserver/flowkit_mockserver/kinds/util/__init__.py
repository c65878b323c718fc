"""The kinds of the family util."""
