"""Where the frozen program starts.

It has a folder of its own: PyInstaller searches the folder of this file first, and beside
``sxtstudio/__main__.py`` our package ``io`` would stand in for Python's.
"""

import sys

from sxtstudio.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
