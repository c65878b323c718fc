"""What callers hand in: arguments and documents."""
