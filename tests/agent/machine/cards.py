"""The cards of the machine: two that hubs know, one that stands on lists only, one of the operator's own."""

KNOWN, SECOND, UNKNOWN, OWN = "04AA0001", "04AA0002", "04AA0003", "04AA0004"
CARDS = (KNOWN, SECOND, UNKNOWN, OWN)
OF_HUBS = frozenset({KNOWN, SECOND})
LISTED = frozenset({KNOWN, UNKNOWN})
