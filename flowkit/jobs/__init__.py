"""Jobs after they were submitted: waiting for them, and finding out why one failed."""
