"""Pipelined models: what training leaves behind, and everything that is done with it afterwards."""
