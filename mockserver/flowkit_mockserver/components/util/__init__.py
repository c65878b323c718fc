"""Reading instances, and validation while a model trains."""
