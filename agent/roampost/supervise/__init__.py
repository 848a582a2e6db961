"""What keeps the agent alive and honest about it: supervised tasks, the watchdog, systemd, the log."""
