"""Data splits and cross validation."""
