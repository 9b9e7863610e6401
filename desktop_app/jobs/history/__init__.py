"""Runs that outlive the program: a folder for each, and a database that lists them. Needs neither worker nor window."""
