"""Which server it is, and where its operations are: what lines of servers do differently, for one client."""
