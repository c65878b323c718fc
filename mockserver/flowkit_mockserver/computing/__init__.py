"""Where components compute: what a computation is given, and the engines that carry it out."""
