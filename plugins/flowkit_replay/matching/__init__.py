"""What makes two requests the same, and the index that finds the recorded one."""
