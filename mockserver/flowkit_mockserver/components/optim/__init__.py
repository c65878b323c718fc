"""Optimizers, losses and activations."""
