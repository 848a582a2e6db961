"""When a file is another one: replaced, rewritten, there or gone. Costs one look and reads nothing."""

from pathlib import Path

FileStamp = tuple[int, ...]


def file_stamp(path: Path) -> FileStamp:
    """Another one when the file was replaced or rewritten; empty when it is not there."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
