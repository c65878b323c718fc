"""Seed data: what a server, and each of its namespaces, starts with."""
