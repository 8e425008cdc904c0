"""Reads git repositories: runs git commands, reads objects in bulk, resolves revisions and mirrors
remotes.
"""

import os

# Otherwise, importing GitPython fails where git is missing, before anything can say so in plain words.
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
