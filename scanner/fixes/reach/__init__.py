"""The values that are available to a call from where it stands."""
