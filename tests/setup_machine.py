"""Install the system packages that the tests need, where that is allowed (root on Debian); else name them and fail."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NEEDED = {
    "postgresql": lambda: any(Path("/usr/lib/postgresql").glob("*/bin/initdb")),
    "redis-server": lambda: shutil.which("redis-server"),
    "chromium": lambda: shutil.which("chromium"),
    "prometheus": lambda: shutil.which("prometheus"),
    "prometheus-alertmanager": lambda: shutil.which("prometheus-alertmanager"),
    "openssh-client": lambda: shutil.which("ssh-keygen"),
    "procps": lambda: shutil.which("ps"),
    "golang-go": lambda: shutil.which("go"),
    "golang-golang-x-mod-dev": lambda: Path("/usr/share/gocode/src/golang.org/x/mod/sumdb").is_dir(),
}


def main() -> int:
    """Install what is missing; 0 when all is there."""
    missing = [name for name, present in NEEDED.items() if not present()]
    if not missing:
        return 0
    apt = shutil.which("apt-get")
    if os.geteuid() != 0 or apt is None:
        print(f"Missing: {' '.join(missing)}. Install them: apt-get install {' '.join(missing)}", file=sys.stderr)
        return 1
    print(f"installing {' '.join(missing)}", flush=True)
    quiet = {"env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, "stdout": subprocess.DEVNULL}
    subprocess.run([apt, "update", "-qq"], check=True, **quiet)
    subprocess.run([apt, "install", "-y", "-qq", "--no-install-recommends", *missing], check=True, **quiet)
    still = [name for name, present in NEEDED.items() if not present()]
    if still:
        print(f"Still missing after the installation: {' '.join(still)}", file=sys.stderr)
    return bool(still)


if __name__ == "__main__":
    raise SystemExit(main())
