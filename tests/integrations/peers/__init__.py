"""One small strict server for each API that the product calls, each in a process of its own."""
