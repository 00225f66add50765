"""What goes into the bundle: modules, libraries, and what the system has to bring itself."""

import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

# One row of PyInstaller's tables: name in the bundle, file on this machine, kind.
Entry = tuple[str, str, str]

EXCLUDED_MODULES = [
    "IPython", "PIL", "hypothesis", "matplotlib", "mpl_toolkits", "pip", "pygments", "pytest",
    "_pytest", "rich", "setuptools", "skimage", "tkinter",
    "torch.utils.tensorboard", "vtkmodules.all",
    "PySide6.QtDesigner", "PySide6.QtNetwork", "PySide6.QtPdf", "PySide6.QtQml",
    "PySide6.QtQuick", "PySide6.QtTest",
]  # fmt: skip

# Every compression that a TIFF may have; the other two dozen codecs of the package stay behind.
_CODECS = [
    "ccitt", "deflate", "imcd", "jpeg2k", "jpeg8", "jpegsof3", "jpegxl", "jpegxr", "lerc", "ljpeg",
    "lzma", "pixarlog", "png", "webp", "zlib", "zstd", "shared", "shared_cython",
]  # fmt: skip

# Libraries that must fit the system's graphics and desktop, with the Debian package that has them.
# A bundled libstdc++, for one, may be too old for the system's Mesa.
SYSTEM_LIBRARIES = {
    "ld-linux-*.so.*": "libc6",
    "libc.so.6": "libc6",
    "libm.so.6": "libc6",
    "libdl.so.2": "libc6",
    "librt.so.1": "libc6",
    "libpthread.so.0": "libc6",
    "libutil.so.1": "libc6",
    "libresolv.so.2": "libc6",
    "libstdc++.so.6": "libstdc++6",
    "libgcc_s.so.1": "libgcc-s1",
    "libGL.so.1": "libgl1",
    "libGLX.so.0": "libglx0",
    "libOpenGL.so.0": "libopengl0",
    "libEGL.so.1": "libegl1",
    "libglib-2.0.so.0": "libglib2.0-0 | libglib2.0-0t64",
    "libgthread-2.0.so.0": "libglib2.0-0 | libglib2.0-0t64",
    "libgobject-2.0.so.0": "libglib2.0-0 | libglib2.0-0t64",
    "libgio-2.0.so.0": "libglib2.0-0 | libglib2.0-0t64",
    "libgmodule-2.0.so.0": "libglib2.0-0 | libglib2.0-0t64",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libexpat.so.1": "libexpat1",
    "libX11.so.6": "libx11-6",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb.so.1": "libxcb1",
    "libXext.so.6": "libxext6",
    "libXrender.so.1": "libxrender1",
    "libXcursor.so.1": "libxcursor1",
    "libdrm.so.2": "libdrm2",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
}

# Loaded by name at run time, or data that libraries read; no library of the bundle asks for them.
ALSO_NEEDED = [
    "libgl1-mesa-dri | libgl1-nvidia-glvnd-glx",
    "libxcursor1",
    "xkb-data",
    "fonts-dejavu-core | fonts-freefont-ttf",
]

_LEFT_OUT = [
    *SYSTEM_LIBRARIES,
    # Rubbish in the wheel of torch; its other parts look spare and are not.
    "torch/bin/test*", "torch/bin/*Test", "torch/bin/*check", "torch/bin/*.pt*",
    "torch/bin/protoc*", "torch/test/*", "torch/include/*", "torch/share/*",
    # Ways to show a window or to take input that no desktop uses; one of them brings GTK along.
    "*/libqgtk3.so", "*/libqeglfs*", "*/libqlinuxfb*", "*/libqvnc*", "*/libqvkkhr*",
    "*/libqminimalegl.so", "*/plugins/egldeviceintegrations/*", "*/plugins/generic/*",
    "*libQt6Egl*", "*/plugins/wayland-graphics-integration-server/*",
    # The program never talks to a network.
    "*libQt6Network*", "*/plugins/networkinformation/*", "*/plugins/tls/*",
    "*libQt6Test.so*", "PySide6/Qt/translations/*", "PySide6/translations/*",
]  # fmt: skip

_STRIPPED = [
    "torch/lib/*", "vtkmodules/*", "PySide6/*", "libpython*", "hdf5plugin/plugins/*",
    "imagecodecs/*", "cc3d/*", "edt.*",
]  # fmt: skip


def codec_modules() -> list[str]:
    """Return the modules of imagecodecs that TIFF needs and this version has."""
    import imagecodecs

    folder = Path(imagecodecs.__file__).parent
    return [f"imagecodecs._{name}" for name in _CODECS if list(folder.glob(f"_{name}.*"))]


def kept(entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries that go into the bundle.

    Of the system's libraries only those go along that something in the bundle still asks for.
    """
    entries = [entry for entry in entries if not any(fnmatch(entry[0], out) for out in _LEFT_OUT)]
    while True:
        wanted = {library for entry in entries for library in _libraries_of(Path(entry[1]))}
        needed = [e for e in entries if not _is_of_the_system(e) or Path(e[0]).name in wanted]
        if len(needed) == len(entries):
            return entries
        entries = needed


def _is_of_the_system(entry: Entry) -> bool:
    name, source, kind = entry
    loaded_at_start = fnmatch(name, "libpython*")
    from_a_wheel = "site-packages" in source
    return kind == "BINARY" and not from_a_wheel and "/" not in name and not loaded_at_start


def stripped(entries: Iterable[Entry], folder: Path) -> list[Entry]:
    """Return the entries with copies in ``folder`` that have no symbols for debuggers.

    Libraries in ``*.libs`` were rewritten when their wheels were made; stripping breaks some.
    """
    return [_strip(entry, folder) if _may_strip(entry) else entry for entry in entries]


def _may_strip(entry: Entry) -> bool:
    name, source, kind = entry
    if kind == "SYMLINK" or ".libs/" in name or not any(fnmatch(name, p) for p in _STRIPPED):
        return False
    return is_elf(Path(source))


def _strip(entry: Entry, folder: Path) -> Entry:
    name, source, kind = entry
    copy = folder / name
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, copy)
    subprocess.run(["strip", "--strip-unneeded", str(copy)], check=True)
    return name, str(copy), kind


def is_elf(path: Path) -> bool:
    """Return whether a file is a program or a library of Linux."""
    with path.open("rb") as stream:
        return stream.read(4) == b"\x7fELF"


def packages_needed(bundle: Path) -> list[str]:
    """Return the Debian packages that the programs in a bundle need, with the least glibc.

    Raises
    ------
    SystemExit
        If a library is needed that is neither in the bundle nor known to be in a package.
    """
    files = [path for path in bundle.rglob("*") if not path.is_symlink() and path.is_file()]
    programs = [path for path in files if is_elf(path)]
    inside = {path.name for path in bundle.rglob("*")}
    packages: set[str] = set()
    unknown: list[str] = []
    for program, library in _wanted(programs):
        if library in inside:
            continue
        package = next((p for lib, p in SYSTEM_LIBRARIES.items() if fnmatch(library, lib)), None)
        if package is None:
            unknown.append(f"{program.relative_to(bundle)} needs {library}")
        else:
            packages.add(package)
    if unknown:
        raise SystemExit(
            "Neither in the bundle nor in the table of system libraries (installer/contents.py):\n"
            + "\n".join(unknown)
        )
    packages.discard("libc6")
    return [f"libc6 (>= {_least_glibc(programs)})", *sorted(packages), *ALSO_NEEDED]


def _wanted(programs: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    for program in programs:
        for library in _libraries_of(program):
            yield program, library


@cache
def _libraries_of(program: Path) -> tuple[str, ...]:
    if not program.is_file() or not is_elf(program):
        return ()
    return tuple(re.findall(r"\(NEEDED\).*\[(.+)\]", _readelf("--dynamic", program)))


def _least_glibc(programs: Iterable[Path]) -> str:
    versions = {
        (int(major), int(minor))
        for program in programs
        for major, minor in re.findall(r"GLIBC_(\d+)\.(\d+)", _readelf("--version-info", program))
    }
    return ".".join(map(str, max(versions)))


def _readelf(what: str, program: Path) -> str:
    command = ["readelf", "--wide", what, str(program)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
