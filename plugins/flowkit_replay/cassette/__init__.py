"""Cassettes on disk: vcrpy's format, files that are whole or not there, the recording in progress."""
