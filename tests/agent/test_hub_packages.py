"""A hub's package is entered everywhere: what is forgotten in one place would be missed by nobody else."""

import tomllib
from pathlib import Path

from roampost.config.hubs import HUBS
from roampost_sim.hub.cli import PROTOCOLS

ROOT = Path(__file__).parents[2]


def packages() -> set[str]:
    return {path.parent.name for path in (ROOT / "agent" / "roampost" / "hubs").glob("*/plugin.py")}


def test_every_package_has_its_section_and_its_sandbox() -> None:
    assert packages() == set(HUBS) == set(PROTOCOLS)


def test_every_package_is_in_the_contracts_between_hubs() -> None:
    modules = {f"roampost.hubs.{name}" for name in packages()}
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    (users,) = (one for one in contracts if one["name"].startswith("A hub is a plug-in"))
    (each_other,) = (one for one in contracts if one["name"].startswith("The hubs' packages"))
    assert set(users["forbidden_modules"]) == set(each_other["modules"]) == modules
