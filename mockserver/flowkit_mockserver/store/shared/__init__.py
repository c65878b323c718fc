"""A state that any number of workers share: the same tables as the embedded one, reached through SQLAlchemy."""
