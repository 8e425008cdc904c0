"""x."""

AFTER = ()
