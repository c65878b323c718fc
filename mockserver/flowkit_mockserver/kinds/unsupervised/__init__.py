"""The kinds of the family unsupervised."""
