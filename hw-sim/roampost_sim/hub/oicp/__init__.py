"""What is OICP 2.3 about the sandbox hub."""
