"""Where a hub listens and what we show it there. A value that exists is well formed, whatever its files hold. Pure."""

from dataclasses import dataclass
from pathlib import Path

from roampost.config.identifiers import is_base_url

TIMEOUT_MAX_S = 120


@dataclass(frozen=True, slots=True)
class ApiKeyFile:
    """A key, alone on the one line of a file, and how the header Authorization holds it: "key={}"."""

    path: Path
    form: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """ca_file None trusts the system's store. cert_file and key_file: both or none. timeout_s bounds each wait.

    Raises ValueError in words.
    """

    name: str
    url: str
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    api_key: ApiKeyFile | None = None
    timeout_s: float = 10.0

    def __post_init__(self) -> None:
        problem = self._problem()
        if problem is not None:
            raise ValueError(f"hub {self.name}: {problem}")

    def files(self) -> tuple[Path, ...]:
        """What a connection is made from: when one of them is another file, so is the connection."""
        api_key = None if self.api_key is None else self.api_key.path
        return tuple(path for path in (self.ca_file, self.cert_file, self.key_file, api_key) if path is not None)

    def _problem(self) -> str | None:
        if not is_base_url(self.url):
            return f"url {self.url!r} must be https://host/path, without user, query or fragment"
        if (self.cert_file is None) != (self.key_file is None):
            return "cert_file and key_file belong together: set both or none"
        if not 0 < self.timeout_s <= TIMEOUT_MAX_S:
            return f"timeout_s {self.timeout_s} must be more than 0 and at most {TIMEOUT_MAX_S} seconds"
        return None
