"""Showing things to people: texts for terminals, HTML and SVG for notebooks and reports, without any library."""
