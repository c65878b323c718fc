"""HomoLR of the later lines: a network on each side, averaged."""
