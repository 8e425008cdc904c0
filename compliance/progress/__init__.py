"""Status of repositories, phases and files, computed from recorded rows."""
