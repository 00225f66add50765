import os
import subprocess
import sys

import pytest

SCRIPT = """
import time
from PySide6.QtWidgets import QApplication
from sxtstudio.gui.theme import apply_theme
from sxtstudio.gui.view_state import ViewState
from sxtstudio.gui.views import ViewsPanel
from tests.gui import mouse
from tests.gui.specimens import five_balls

application = QApplication([])
apply_theme(application)
state = ViewState()
views = ViewsPanel(state)
views.resize(640, 480)
views.show()
state.show(*five_balls(24))
canvas = views.slices[1].canvas
mouse.click(canvas.viewport(), canvas.point_of((5, 3)))
assert state.cursor == (3, 12, 5), state.cursor
picture = canvas.viewport().grab()
assert abs(picture.width() - SCALE * canvas.viewport().width()) <= 1
scene = views.viewer3d.canvas
scene.update_picture()
scene.grab()
end = time.monotonic() + 60
while not scene.sharp and time.monotonic() < end:
    application.processEvents()
    time.sleep(0.01)
assert scene.sharp
size = scene._image.size()
wanted = (round(SCALE * scene.width()), round(SCALE * scene.height()))
assert (size.width(), size.height()) == wanted, (size, wanted)
assert abs(scene.grab().width() - wanted[0]) <= 1
views.shutdown()
print("sharp")
"""


@pytest.mark.slow
@pytest.mark.parametrize("scale", [1.5, 2.0])
def test_the_views_are_sharp_and_clicks_are_right_on_a_finer_screen(scale):
    environment = os.environ | {"QT_SCALE_FACTOR": str(scale), "QT_QPA_PLATFORM": "offscreen"}
    script = SCRIPT.replace("SCALE", str(scale))
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.strip() == "sharp", done.stderr
    assert done.returncode == 0
