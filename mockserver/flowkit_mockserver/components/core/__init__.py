"""What every component kind stands on: its run, its tables, its model buffers."""
