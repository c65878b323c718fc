"""The components of FATE Flow itself: tables and models in and out."""
