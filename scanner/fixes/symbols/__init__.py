"""The parts of rewriting a deprecated name: what takes its place, its uses, imports, strings, definitions."""
