"""A hub's API key, read from its file: one line, and nothing of it ever in a text, a log or an exception."""

from pathlib import Path

KEY_MAX_BYTES = 4096


class UnusableKeyError(Exception):
    """The file of an API key cannot be used"""


def read_api_key(path: Path, name: str) -> str:
    """name: what the configuration calls the file, such as hubs.x.api_key_file. Raises UnusableKeyError in words."""
    try:
        with path.open("rb") as file:
            content = file.read(KEY_MAX_BYTES + 1)
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
