"""Build dist/sxtstudio, the program that needs no Python, and its Debian package; then try it.

Called by ``make installer``.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import contents
import try_bundle

from sxtstudio import __version__

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
BUILD = ROOT / "build"
DIST = ROOT / "dist"
BUNDLE = DIST / "sxtstudio"

CONTROL = """\
Package: sxtstudio
Version: {version}
Architecture: {architecture}
Section: science
Priority: optional
Maintainer: SXT Studio developers <sxtstudio@localhost>
Installed-Size: {kib}
Depends: {depends}
Description: segmentation and measurement of soft X-ray tomograms of cells
 Define the organelles that a question needs, train a network on your own
 library of labelled cells, segment new cells, look at them in three
 dimensions and measure volumes, surfaces and linear absorption coefficients.
 .
 Everything is inside, Python and PyTorch included; it computes on processors.
"""


def main() -> int:
    """Build and try; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-deb", action="store_true", help="build the folder alone")
    parser.add_argument("--no-try", action="store_true", help="do not start what was built")
    options = parser.parse_args()
    _check_tools(deb=not options.no_deb)
    _timed("bundle", build_bundle)
    if not options.no_deb:
        _timed("Debian package", build_deb)
    return 0 if options.no_try else try_bundle.try_all(BUNDLE)


def build_bundle() -> Path:
    """Let PyInstaller make the folder with both programs."""
    shutil.rmtree(BUILD / "stripped", ignore_errors=True)
    subprocess.run(
        [
            sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN",
            "--distpath", str(DIST), "--workpath", str(BUILD / "pyinstaller"),
            str(HERE / "sxtstudio.spec"),
        ],
        cwd=ROOT,
        check=True,
    )  # fmt: skip
    if sys.platform != "win32":
        # The same file by a second name (a hard link): 40 MB of Python modules are inside.
        os.link(BUNDLE / "sxtstudio", BUNDLE / "sxtstudio-cli")
    return BUNDLE


def build_deb() -> Path:
    """Wrap the folder as a Debian package with menu entry, icon and file type."""
    architecture = _output("dpkg", "--print-architecture")
    tree = BUILD / "deb"
    shutil.rmtree(tree, ignore_errors=True)
    lay_out(tree)
    (tree / "DEBIAN").mkdir()
    control = CONTROL.format(
        version=__version__,
        architecture=architecture,
        kib=try_bundle.bytes_in(tree) // 1024,
        depends=", ".join(contents.packages_needed(BUNDLE)),
    )
    (tree / "DEBIAN" / "control").write_text(control, encoding="utf-8")
    package = DIST / f"sxtstudio_{__version__}_{architecture}.deb"
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Zzstd", "-z6", "--build", str(tree), str(package)],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    shutil.rmtree(tree)
    return package


def lay_out(tree: Path) -> None:
    """Put every file where it is to be on the system; big ones are hard links, not copies."""
    tree.mkdir(parents=True)
    shutil.copytree(BUNDLE, tree / "opt" / "sxtstudio", symlinks=True, copy_function=os.link)
    share, programs = tree / "usr" / "share", tree / "usr" / "bin"
    programs.mkdir(parents=True)
    for name in ("sxtstudio", "sxtstudio-cli"):
        (programs / name).symlink_to(f"/opt/sxtstudio/{name}")
    icon = ROOT / "sxtstudio" / "resources" / "icons" / "sxtstudio.svg"
    for source, target in {
        HERE / "debian" / "sxtstudio.desktop": share / "applications" / "sxtstudio.desktop",
        HERE / "debian" / "sxtstudio.xml": share / "mime" / "packages" / "sxtstudio.xml",
        icon: share / "icons" / "hicolor" / "scalable" / "apps" / "sxtstudio.svg",
        ROOT / "LICENSE": share / "doc" / "sxtstudio" / "copyright",
    }.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        target.chmod(0o644)


def _check_tools(*, deb: bool) -> None:
    tools = {"strip": "binutils", "readelf": "binutils", "objdump": "binutils"}
    if deb:
        tools |= {"dpkg-deb": "dpkg", "dpkg": "dpkg"}
    missing = sorted({package for tool, package in tools.items() if shutil.which(tool) is None})
    if missing:
        sys.exit(f"Tools are missing. Please install them: apt-get install {' '.join(missing)}")


def _timed(what: str, make: Callable[[], Path]) -> None:
    start = time.monotonic()
    path = make()
    size_mb = try_bundle.bytes_in(path) / 1e6
    print(f"{what}: {path.relative_to(ROOT)}, {size_mb:.0f} MB, {time.monotonic() - start:.0f} s")


def _output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
