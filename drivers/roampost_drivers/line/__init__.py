"""The parts of a bus: what is asked, in which order, over which link, and which unit is left alone."""
