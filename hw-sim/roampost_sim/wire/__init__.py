"""Bytes: Modbus RTU and TCP as a slave speaks them, ptys, and lines that misbehave."""
