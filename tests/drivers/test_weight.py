"""What a running role costs in imports: the Modbus library where a line is opened, the models where files are read."""

import subprocess
import sys

import pytest


def loaded_by(*modules: str) -> set[str]:
    """Top-level packages in memory after these imports, in a fresh interpreter."""
    code = f"import {', '.join(modules)}, sys; print(*{{name.split('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("module", ["charger", "meter", "inputs", "device", "codec", "blocks", "check", "roles"])
def test_roles_and_tables_need_neither_library(module: str) -> None:
    assert not {"pymodbus", "pydantic", "serial"} & loaded_by(f"roampost_drivers.{module}")


def test_a_bus_needs_no_models_and_device_files_need_no_modbus() -> None:
    assert "pydantic" not in loaded_by("roampost_drivers.bus", "roampost_drivers.rfid.reader")
    assert "pymodbus" not in loaded_by("roampost_drivers.devicefile")
