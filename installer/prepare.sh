#!/bin/sh
# Make .venv with everything the program and its tests need, system libraries included.
set -eu
PYTHON=${PYTHON:-python3}
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }

if ! command -v "$PYTHON" >/dev/null; then
    say "Python is missing. Install it with: apt-get install python3 python3-venv"
    exit 3
fi
if ! "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    say "SXT Studio needs Python 3.11 or newer; $PYTHON is $("$PYTHON" -V). Name another one: make PYTHON=python3.12"
    exit 3
fi

# A library (or a Python module) that must be there, and the Debian or Ubuntu package that brings it.
missing=""
need_library() {
    if ! { ldconfig -p 2>/dev/null || /sbin/ldconfig -p; } | grep -q "$1"; then missing="$missing $2"; fi
}
need_library libEGL.so.1 libegl1
need_library libGL.so.1 libgl1
need_library libglib-2.0.so.0 libglib2.0-0
need_library libdbus-1.so.3 libdbus-1-3
need_library libfontconfig.so.1 libfontconfig1
need_library libxkbcommon.so.0 libxkbcommon0
need_library libxkbcommon-x11.so.0 libxkbcommon-x11-0
need_library libxcb-cursor.so.0 libxcb-cursor0
need_library libxcb-icccm.so.4 libxcb-icccm4
need_library libxcb-keysyms.so.1 libxcb-keysyms1
need_library libxcb-shape.so.0 libxcb-shape0
need_library libxcb-xkb.so.1 libxcb-xkb1
need_library libXcursor.so.1 libxcursor1
if command -v fc-list >/dev/null && [ -n "$(fc-list 2>/dev/null)" ]; then :; else missing="$missing fonts-dejavu-core fontconfig"; fi
"$PYTHON" -c 'import venv, ensurepip' 2>/dev/null || missing="$missing python3-venv"

if [ -n "$missing" ]; then
    install="apt-get install -y --no-install-recommends$missing"
    if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
        say "Installing system libraries:$missing"
        { apt-get update -qq && DEBIAN_FRONTEND=noninteractive $install -qq; } >/dev/null
    elif command -v apt-get >/dev/null && sudo -n true 2>/dev/null; then
        say "Installing system libraries:$missing"
        { sudo apt-get update -qq && sudo DEBIAN_FRONTEND=noninteractive $install -qq; } >/dev/null
    else
        say "System libraries are missing. Please run this line, then make again:"
        say "    sudo $install"
        exit 3
    fi
fi

[ -x .venv/bin/python ] || "$PYTHON" -m venv .venv
say "Installing Python packages into .venv (the first time takes some minutes)"
# On a terminal pip shows its own progress; in a log only what went wrong.
quiet="--quiet --quiet"
if [ -t 1 ]; then quiet="--no-color"; fi
pip() { .venv/bin/python -m pip --disable-pip-version-check "$@" $quiet; }
# torch first and alone: everything else then fits the build that was found.
pip install --constraint constraints.txt torch
pip install --constraint constraints.txt --editable '.[dev]'
