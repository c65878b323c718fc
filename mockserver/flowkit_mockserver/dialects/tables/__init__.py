"""Facts of the lines as JSON: component kinds with their parameters, and what a server says of itself."""
