"""One agent per store: an flock on a file beside it, which the kernel drops however the process ends."""

import fcntl
import os
from pathlib import Path

from roampost.store.errors import StoreCannotOpen, StoreLocked


def lock_path(store: Path) -> Path:
    return store.with_name(store.name + ".lock")


def take_lock(store: Path) -> int:
    """The open descriptor that holds the lock; closing it lets go. The file stays: removing it would race."""
    path = lock_path(store)
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    except OSError as error:
        raise StoreCannotOpen(f"{path} cannot be opened ({error.strerror}); check the folder and its owner") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip() or "unknown"
        os.close(descriptor)
        raise StoreLocked(f"{store} is in use by another roampost (pid {holder}); stop it first") from None
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    return descriptor
