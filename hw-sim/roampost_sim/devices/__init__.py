"""Devices, each written from the facts of its manual."""
