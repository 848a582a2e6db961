"""Words that the whole agent shares: stamps, messages, EVSE data, prices. Pure: no waiting, no wire, no disk."""
