"""Tables in memory: ids and columns as numpy arrays, text as lines, and both as bytes for the store.

Nothing here is imported with the server: numpy is loaded when the first table needs it.
"""
