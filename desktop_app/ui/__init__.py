"""Only Qt: what the user sees and does. Imports nothing but `jobs.messages` and `core` of the package."""
