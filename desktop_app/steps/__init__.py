"""One compression technique a file, one class, one public method."""
