from dataclasses import replace

from sxtstudio.analysis.graphics import ask_graphics
from sxtstudio.analysis.offscreen import offscreen_window


def test_the_driver_is_asked_for_its_name_and_its_greatest_texture():
    window = offscreen_window(8, 8)
    graphics = ask_graphics(window)
    window.Finalize()
    assert graphics.name not in ("", "unknown")
    assert graphics.texture_edge >= 256
    assert graphics.software == ("llvmpipe" in graphics.name.lower()) or not graphics.software
    assert replace(graphics, name="G", software=True).words == "G (software)"
    assert replace(graphics, name="G", software=False).words == "G"
