"""Whether the process that holds a lock still runs."""

import os
import sys
from pathlib import Path

if sys.platform == "win32":
    import ctypes

    _QUERY_LIMITED_INFORMATION = 0x1000
    _ERROR_ACCESS_DENIED = 5
    _STILL_ACTIVE = 259

    def is_running(pid: int) -> bool:
        """Tell whether a process of this computer runs."""
        # os.kill(pid, 0) would end the process here.
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        handle = kernel.OpenProcess(_QUERY_LIMITED_INFORMATION, False, pid)
        if not handle:
            return ctypes.get_last_error() == _ERROR_ACCESS_DENIED
        code = ctypes.c_ulong()
        kernel.GetExitCodeProcess(handle, ctypes.byref(code))
        kernel.CloseHandle(handle)
        return code.value == _STILL_ACTIVE

else:

    def is_running(pid: int) -> bool:
        """Tell whether a process of this computer runs."""
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:  # it runs, for another user
            return True
        return True


def process_start(pid: int) -> str:
    """Return a text that no other process with this number has, where the system tells one.

    On Linux the boot and the clock tick at which the process started; empty elsewhere, and for a
    process that is gone.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    # The second field is the program's name in parentheses and may hold anything.
    fields = stat.rpartition(")")[2].split()
    has_ended = fields[0] in "ZX"  # killed, but its parent has not taken notice yet
    return "" if has_ended else f"{boot}:{fields[19]}"
