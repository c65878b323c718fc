"""One call: its values, the loop of attempts, and the transport beneath it."""
