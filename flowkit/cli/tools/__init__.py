"""Commands of our own: each a module, imported when it is called."""
