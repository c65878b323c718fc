"""What whoever runs the server asks of it: probes, metrics."""
