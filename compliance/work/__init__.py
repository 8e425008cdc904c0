"""People's work on files: claims, waivers, notes and ownership."""
