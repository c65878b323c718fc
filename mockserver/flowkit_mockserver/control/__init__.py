"""Control, for tests: the mock's own API, from Python and below ``/_flowkit``."""
