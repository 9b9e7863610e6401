"""Files in and out, and the rules by which files of others are opened."""
