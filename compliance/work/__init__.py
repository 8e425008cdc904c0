"""What people do with files: claims, waivers, notes and ownership."""
