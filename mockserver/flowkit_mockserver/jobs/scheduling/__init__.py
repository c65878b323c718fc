"""What happens to jobs when, as far as no component has to compute first."""
