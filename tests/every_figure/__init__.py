"""A walk over every page by its links: each number is held against what the engine and the rows say."""
