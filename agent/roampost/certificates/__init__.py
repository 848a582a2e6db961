"""Certificates of hubs: read, judged, asked for, watched. Knows files and the openssl command, no hub and no wire."""
