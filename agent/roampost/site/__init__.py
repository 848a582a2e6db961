"""The whole station, composed in `app`: hardware and hubs opened, EVSEs recovered and run, hubs and people told."""
