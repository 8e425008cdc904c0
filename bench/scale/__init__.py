"""Pages over a long history: filled by SQL, measured beside the demonstration."""
