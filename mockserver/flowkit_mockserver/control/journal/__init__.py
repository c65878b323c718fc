"""The journal: what a server was asked, what became of it, and why."""
