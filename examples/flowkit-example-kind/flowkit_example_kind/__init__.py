"""A component kind for flowkit's mock server: RowCount."""
