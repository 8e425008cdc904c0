"""Where a repository, its phases and its files stand, computed from recorded rows."""
