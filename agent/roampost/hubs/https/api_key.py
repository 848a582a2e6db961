"""A hub's API key, read from its file: one line, and nothing of it ever in a text, a log or an exception."""

import os
import stat
from pathlib import Path

KEY_MAX_BYTES = 4096
# A shorter one may stand in any answer without being meant.
_TELLING = 8


class UnusableKeyError(Exception):
    """The file of an API key cannot be used"""


def read_api_key(path: Path, name: str) -> str:
    """name: what the configuration calls the file, such as hubs.x.api_key_file. Raises UnusableKeyError in words."""
    try:
        content = _content(path)
    except OSError as error:
        raise UnusableKeyError(
            f"{name} '{path}' cannot be read ({error.strerror}): put the hub's API key there, readable for roampost."
        ) from error
    key = content.strip(b" \t\r\n")
    # Visible ASCII: anything else would end the header, or be another key for each side.
    if len(content) > KEY_MAX_BYTES or not key or any(not 0x21 <= byte <= 0x7E for byte in key):
        raise UnusableKeyError(
            f"{name} '{path}' must hold the hub's API key alone on one line, in visible ASCII without spaces,"
            f" at most {KEY_MAX_BYTES} bytes: write it there again."
        )
    return key.decode("ascii")


def without_key(content: bytes, key: str | None) -> bytes:
    """What a hub has said, which may repeat the key that it refuses: its words are shown and kept."""
    if key is None or len(key) < _TELLING:
        return content
    for spelt in (key, key.replace("/", "\\/")):  # as some write JSON
        content = content.replace(spelt.encode("ascii"), b"...")
    return content


def _content(path: Path) -> bytes:
    """As much as tells whether it is too long. What is no file is as good as empty: a pipe would be waited for."""
    with open(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK), "rb") as file:
        return file.read(KEY_MAX_BYTES + 1) if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else b""
