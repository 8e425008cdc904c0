"""People: their addresses and handles, teams, and the owners of files."""
