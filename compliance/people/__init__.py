"""Manages people's e-mail addresses and forge handles, and determines the owners of files."""
