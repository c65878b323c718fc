"""Networks of the user's own, which the later lines run on torch."""
