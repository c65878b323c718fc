"""The component kinds: one file for each, with all that the rest of the mock reads about it.

`kind.Kind` is what such a file holds, `lookup` finds one by its name. No other file names a kind,
except its algorithm.
"""
