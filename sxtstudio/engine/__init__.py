"""The networks: planning, training and applying a cascade of 3D U-Nets. Only here is torch."""

import os

# OpenMP reads it when torch is loaded. Threads that wait actively slow training down up to fivefold
# as soon as anything else runs beside it, such as the window; on an idle machine it costs little.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
