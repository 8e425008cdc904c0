"""Messages that are sent, to real servers."""
