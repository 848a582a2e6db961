"""What the service costs where it is not configured: nothing."""

import subprocess
import sys

import pytest

SERVING = {"starlette", "uvicorn", "anyio", "h11"}


def loaded_by(*modules: str) -> set[str]:
    """Top-level packages in memory after these imports, in a fresh interpreter."""
    code = f"import {', '.join(modules)}, sys; print(*{{name.split('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "module",
    [
        "config.load",
        "hubs.inbound",
        "hubs.oicp.inbound",
        "hubs.oioi.inbound",
        "inbound.caller",
        "inbound.keys",
        "inbound.limits",
        "inbound.tls",
    ],
)
def test_configuration_and_rules_need_no_server(module: str) -> None:
    assert not SERVING & loaded_by(f"roampost.{module}")


def test_an_agent_without_the_service_never_imports_it() -> None:
    assert not {"starlette", "uvicorn"} & loaded_by("roampost.site.app", "roampost.hubs.oicp.client")


def test_the_service_needs_no_client_and_no_extras_of_uvicorn() -> None:
    found = loaded_by("roampost.inbound.service")
    assert found >= {"starlette", "uvicorn"}
    assert not {"httpx", "uvloop", "httptools", "websockets", "multipart", "jinja2"} & found
