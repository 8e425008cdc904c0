"""The demonstration: written the same every time, true to the figures, and real code."""
