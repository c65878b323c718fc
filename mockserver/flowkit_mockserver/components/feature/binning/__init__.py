"""Binning of columns."""
