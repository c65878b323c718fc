"""The hooks of a client: what they are, how plugins are found, checked, ordered and called."""
