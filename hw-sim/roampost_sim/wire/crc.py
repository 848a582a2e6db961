"""CRC-16/MODBUS: polynomial 0xA001 reflected, initial 0xFFFF, low byte first on the wire."""

POLYNOMIAL = 0xA001


def crc16(data: bytes) -> int:
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ POLYNOMIAL if crc & 1 else crc >> 1
    return crc


def with_crc(data: bytes) -> bytes:
    return data + crc16(data).to_bytes(2, "little")


def crc_fits(frame: bytes) -> bool:
    return len(frame) >= 4 and with_crc(frame[:-2]) == frame
