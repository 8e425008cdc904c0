"""Whether `fix` keeps a real repository working: modules, test suites and imports, before and after."""
