"""The forms of an answer and the demand for credentials."""
