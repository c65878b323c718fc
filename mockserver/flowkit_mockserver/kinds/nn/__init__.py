"""The kinds of the family nn."""
