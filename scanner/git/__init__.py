"""Reads git repositories: runs git commands, reads objects in bulk, resolves revisions and mirrors
remotes.
"""
