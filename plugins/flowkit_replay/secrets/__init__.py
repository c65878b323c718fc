"""Keeping credentials out of cassettes."""
