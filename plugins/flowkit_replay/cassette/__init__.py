"""Cassettes: their interactions, their index, their files."""
