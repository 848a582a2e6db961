"""Words that the whole agent shares: stamps, messages. Pure: no waiting, no wire, no disk."""
