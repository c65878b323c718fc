"""``flowkit cassette`` and ``flowkit record``."""
