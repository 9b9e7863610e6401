"""What the program notes for whoever looks for the cause of something: files, lines in the window, crashes."""
