"""Namespaces: worlds of their own on one server, and their clients."""
