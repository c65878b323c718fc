"""Tables: what is uploaded, what components put out, and how both leave again."""
