"""The kinds of the family model_selection."""
