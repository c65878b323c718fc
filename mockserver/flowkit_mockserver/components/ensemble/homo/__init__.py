"""Trees over samples that lie with several parties."""
