"""One EVSE, running: what its devices, people and hubs say becomes events, commits and a permission on the wire."""
