"""What lies of a model in a directory: its archive, its folder, its checkpoints."""
