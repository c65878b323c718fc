"""Servers that answer each for its own party, on one state: what each of them has, and shows."""
