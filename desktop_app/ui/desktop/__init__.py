"""What the program tells the desktop around it: progress on its icon, a note when long work is done."""
