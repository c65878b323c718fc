"""What a server remembers as a file, what two such files differ in, and what a server starts with."""
