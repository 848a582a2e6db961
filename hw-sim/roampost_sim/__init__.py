"""The field, simulated: devices on real ptys and sockets, cars, people, a sandbox hub."""
