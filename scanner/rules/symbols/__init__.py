"""How code uses a symbol that the plan lists: roles, where a value goes, what modules hand on."""
