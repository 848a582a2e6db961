"""What the command line and the agent's own start agree on."""

from pathlib import Path

DEFAULT_CONFIG = Path("/etc/roampost/roampost.toml")
RUN = "roampost.cli.run:run"
