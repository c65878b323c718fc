"""Measurements of what flowkit costs, as ratios taken in one run: ``python -m benchmarks``."""
