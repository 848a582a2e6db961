"""What leaves for a hub, when and how often: `dispatcher` runs the lanes, `attempts` tries one message."""
