"""The forecast: its laws, its states, what the pages say of it."""
