"""Files on their way to and from a server."""
