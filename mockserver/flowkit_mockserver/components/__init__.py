"""The component kinds of FATE: what each puts out, given its tables, parameters and models."""
