"""httpx without what the agent seldom needs, and with it when it does: in processes of their own, where nothing is
loaded yet."""

import subprocess
import sys

HOST = "b\u00fccher.example"


def said(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_the_tables_of_international_names_wait_until_somebody_needs_them() -> None:
    start = "import sys\nfrom roampost.hubs.https.web import httpx\nhttpx.URL('https://hub.example/api')\n"
    assert said(f"{start}print('idna.core' in sys.modules)") == "False"
    needs = f"print(httpx.URL('https://{HOST}/').raw_host.decode(), 'idna.core' in sys.modules)"
    assert said(start + needs) == "xn--bcher-kva.example True"


def test_a_host_name_that_is_none_is_refused_as_ever() -> None:
    code = (
        "from roampost.hubs.https.web import httpx\n"
        "try:\n    httpx.URL('https://b\u00fc\u00df\u200d..example/')\n"
        "except httpx.InvalidURL:\n    print('refused')\n"
    )
    assert said(code) == "refused"


def test_the_time_zones_are_found_without_asking_how_python_was_built() -> None:
    code = (
        "import sys\nfrom roampost.lean import without_build_facts\nwithout_build_facts()\n"
        "from zoneinfo import ZoneInfo\n"
        "print(ZoneInfo('Europe/Berlin'), any(name.startswith('_sysconfigdata') for name in sys.modules))"
    )
    assert said(code) == "Europe/Berlin False"
