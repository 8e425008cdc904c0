"""Hours of pushes while processes are killed: nothing may be lost, doubled, or grow."""
