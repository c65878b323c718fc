"""Component kinds that belong to no other family."""
