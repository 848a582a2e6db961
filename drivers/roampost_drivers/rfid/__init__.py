"""RFID readers: bytes to cards, cards to taps."""
