"""Statistics, intersection and union."""
