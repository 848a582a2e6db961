"""What can go wrong with the store, sorted by what the caller does next.

StoreError
├── StoreUnusable       do not start; a person must act (the sentence says how)
│   ├── StoreMissing, StoreTooNew, StoreTooOld, StoreLocked, NotAStore, StoreCannotOpen
│   └── StoreDamaged    the agent mends it at its start; for anybody else the sentence says so
├── StoreFailed         the disk does not take writes now; the change is kept and written when it does
├── StoreCorrupt        end the process
├── StoreClosed         nothing is written any more
├── ChangeRefused       this one change can never be written (a bug, or a value the schema refuses)
└── HandRefused         a person's request on an outbox row is not possible; the sentence says why
"""

# ruff: noqa: N818 - a name says what is the matter; that it is an error is said by `raise`


class StoreError(Exception):
    """The store cannot do this."""


class StoreUnusable(StoreError):
    """The store cannot be opened."""


class StoreMissing(StoreUnusable):
    """There is no store here; the agent has not run yet, or the path is wrong."""


class StoreTooNew(StoreUnusable):
    """A newer Roampost wrote this store; install that version again."""


class StoreTooOld(StoreUnusable):
    """An older Roampost wrote this store and no agent has migrated it yet; start the agent first."""


class StoreLocked(StoreUnusable):
    """Another Roampost uses this store; stop it first."""


class NotAStore(StoreUnusable):
    """The file is not a store of Roampost; move it away or correct the path."""


class StoreDamaged(StoreUnusable):
    """The store's file is damaged; the agent moves it aside at its start and keeps what can be read."""


class StoreCannotOpen(StoreUnusable):
    """The operating system does not let us open the store."""


class StoreFailed(StoreError):
    """The disk does not take writes; the change is kept in memory and written when it does."""


class StoreCorrupt(StoreError):
    """The store's file is damaged; the process has to end."""


class StoreClosed(StoreError):
    """The store is closed."""


class ChangeRefused(StoreError):
    """The store refuses this change."""


class HandRefused(StoreError):
    """This cannot be done to this message."""
