"""The door of the engine: everything that the web side may use stands here."""
