"""The row by row view of tables, for algorithms that have not moved to columns yet."""
