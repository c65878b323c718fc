"""The kinds of the family flow."""
