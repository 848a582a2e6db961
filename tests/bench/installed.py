"""The agent as it is installed at a station: only the packages of requirements/run.txt, our own two, all compiled."""

import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parents[2]
VENV = ROOT / "build" / "bench-venv"
PACKAGES = ("agent/roampost", "drivers/roampost_drivers")


def installed() -> str:
    """The interpreter of an environment that is made once per requirements file, with our packages as they are now."""
    requirements = ROOT / "requirements" / "run.txt"
    python, stamp = VENV / "bin" / "python", VENV / "made-from"
    digest = sha256(requirements.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != digest:
        sys.stderr.write(f"==> Making {VENV.relative_to(ROOT)} from requirements/run.txt\n")
        shutil.rmtree(VENV, ignore_errors=True)
        _run(sys.executable, "-m", "venv", str(VENV))
        pip = (str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        _run(*pip, "--require-hashes", "-r", str(requirements))
        stamp.write_text(digest)
    _copy_packages(python)
    return str(python)


def unit_environment() -> dict[str, str]:
    """What systemd gives the agent besides; the boot id it expands itself."""
    unit = (ROOT / "systemd" / "roampost.service").read_text()
    words = [word for line in unit.splitlines() if line.startswith("Environment=") for word in line[12:].split()]
    return dict(word.split("=", 1) for word in words if "%" not in word)


def _copy_packages(python: Path) -> None:
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = Path(subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip())
    for package in PACKAGES:
        target = site / Path(package).name
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(ROOT / package, target, ignore=shutil.ignore_patterns("__pycache__"))
        # Compiling at the start costs 7 MiB that are never given back.
        _run(str(python), "-m", "compileall", "-q", str(target))
    _run(str(python), "-m", "compileall", "-q", str(site))


def _run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def slowest_imports(python: str, most: int = 15) -> str:
    """What the agent's imports cost: cumulative milliseconds, the largest first."""
    code = "import roampost.site.app, roampost.hubs.oicp.client, httpcore"
    done = subprocess.run([python, "-X", "importtime", "-c", code], capture_output=True, text=True, check=True)
    rows = [line.split("|") for line in done.stderr.splitlines() if line.count("|") == 2 and "cumulative" not in line]
    largest = sorted(rows, key=lambda row: int(row[1]), reverse=True)[:most]
    return "\n".join(f"{int(row[1]) / 1000:8.1f} ms  {row[2].strip()}" for row in largest)
