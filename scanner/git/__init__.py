"""Reads git repositories: commands, objects in bulk, revisions and remote mirrors."""
