"""The verbs of the control API as methods, by what they are about."""
