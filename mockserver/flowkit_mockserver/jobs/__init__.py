"""Jobs as values: what was planned, what happened to it, and what follows from both at a moment of the clock."""
