import re
from dataclasses import asdict, replace
from pathlib import Path
from string import Template

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from sxtstudio.gui.app import make_application, make_window
from sxtstudio.gui.curves import StageCurves
from sxtstudio.gui.settings import remember_theme, remembered_theme, settings
from sxtstudio.gui.slices.canvas import SliceCanvas
from sxtstudio.gui.theme import (
    apply_theme,
    icon,
    palette_of,
    set_role,
    style_sheet,
    system_theme,
    theme_name,
    tones,
)
from sxtstudio.gui.theme_plot import ThemedPlot
from sxtstudio.gui.theme_tones import DARK, LIGHT, Tones
from tests.gui.light_icons import DARK_FOLDER, LIGHT_FOLDER, NOT_INKED, light_of
from tests.gui.projects import two_cell_project

LOOKS = pytest.mark.parametrize("look", [DARK, LIGHT], ids=["dark", "light"])
GROUNDS = ("window", "base", "alternate", "raised", "bar", "title", "menu", "tooltip", "card")
INKS = ("text", "strong", "dim", "faint", "warning")
LEAST_CONTRAST = 4.5
"""WCAG 2.1, 1.4.3: text on its ground."""
LEAST_CONTRAST_OF_SHAPES = 3.0
"""WCAG 2.1, 1.4.11: what is needed to see a control."""


@pytest.fixture(autouse=True)
def look_of_before(qapp):
    application = QApplication.instance()
    yield
    settings().remove("theme")
    apply_theme(application, "dark")
    application.setStyleSheet("")


def luminance(colour: QColor) -> float:
    """Relative luminance, WCAG 2.1."""
    parts = [
        (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4)
        for c in (colour.redF(), colour.greenF(), colour.blueF())
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(first: QColor | str, second: QColor | str) -> float:
    bright, dark = sorted((luminance(QColor(it)) for it in (first, second)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def mean_lightness(image: QImage) -> float:
    small = image.scaled(16, 16)
    return sum(small.pixelColor(x, y).lightness() for x in range(16) for y in range(16)) / 256


@LOOKS
@pytest.mark.parametrize(
    ("ink", "paper"),
    [
        (QPalette.ColorRole.WindowText, QPalette.ColorRole.Window),
        (QPalette.ColorRole.Text, QPalette.ColorRole.Base),
        (QPalette.ColorRole.Text, QPalette.ColorRole.AlternateBase),
        (QPalette.ColorRole.ButtonText, QPalette.ColorRole.Button),
        (QPalette.ColorRole.ToolTipText, QPalette.ColorRole.ToolTipBase),
        (QPalette.ColorRole.PlaceholderText, QPalette.ColorRole.Base),
        (QPalette.ColorRole.Link, QPalette.ColorRole.Base),
        (QPalette.ColorRole.LinkVisited, QPalette.ColorRole.Base),
        (QPalette.ColorRole.HighlightedText, QPalette.ColorRole.Highlight),
    ],
)
def test_words_can_be_read_on_their_ground(look, ink, paper):
    palette = palette_of(look)
    assert contrast(palette.color(ink), palette.color(paper)) >= LEAST_CONTRAST


@LOOKS
@pytest.mark.parametrize("ink", INKS)
def test_every_ink_of_words_can_be_read_on_every_ground(look, ink):
    colours = asdict(look)
    least = min(contrast(colours[ink], colours[ground]) for ground in GROUNDS)
    assert least >= LEAST_CONTRAST


@LOOKS
def test_what_is_chosen_and_what_has_a_colour_of_its_own_can_be_read(look):
    for ink, ground in (
        (look.chosen_text, look.chosen),
        (look.text, look.chosen),
        (look.dim, look.chosen),
        (look.text, look.hover),
        (look.text, look.checked),
        (look.selection_text, look.selection),
        (look.figure, look.card),
        (look.figure, look.window),
        (look.link, look.window),
    ):
        assert contrast(ink, ground) >= LEAST_CONTRAST, (ink, ground)
    for name in (look.xy, look.xz, look.yz, look.space):
        assert contrast(name, look.bar) >= LEAST_CONTRAST


@LOOKS
def test_the_edges_of_what_can_be_ticked_can_be_seen(look):
    for shape in (look.control, look.focus, look.accent):
        assert contrast(shape, look.base) >= LEAST_CONTRAST_OF_SHAPES
        assert contrast(shape, look.window) >= LEAST_CONTRAST_OF_SHAPES


@LOOKS
def test_the_style_sheet_knows_every_colour_it_names(look):
    sheet = style_sheet(look)
    assert "$" not in sheet
    assert look.title in sheet
    assert not re.search("#[0-9a-fA-F]{6}", Template(sheet_of_resources()).substitute(blank()))


def sheet_of_resources() -> str:
    return (DARK_FOLDER.parent / "style.qss").read_text(encoding="utf-8")


def blank() -> dict[str, str]:
    return dict.fromkeys(asdict(DARK), "red") | {"icons": "here"}


@LOOKS
def test_every_picture_of_the_style_sheet_exists(look):
    pictures = re.findall(r"url\(([^)]*)\)", style_sheet(look))
    assert len(pictures) >= 5
    assert [name for name in pictures if not Path(name).is_file()] == []


def test_colours_are_six_digits_and_the_two_looks_differ_in_all_grounds():
    for look in (DARK, LIGHT):
        assert all(re.fullmatch("#[0-9a-f]{6}", it) for it in asdict(look).values())
    for ground in (*GROUNDS, "canvas", "gap"):
        assert luminance(QColor(asdict(DARK)[ground])) < 0.1
        assert luminance(QColor(asdict(LIGHT)[ground])) > 0.5
    assert isinstance(replace(DARK, text="#ffffff"), Tones)


@pytest.mark.parametrize("choice", ["dark", "light"])
def test_the_theme_reaches_the_whole_application(qapp, choice):
    apply_theme(qapp, choice)

    look = {"dark": DARK, "light": LIGHT}[choice]
    assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(look.window)
    assert look.tooltip in qapp.styleSheet()
    assert (theme_name(), tones()) == (choice, look)


def test_a_widget_that_is_there_already_changes_its_colours(qtbot, qapp):
    apply_theme(qapp, "dark")
    label, dim, button, canvas = QLabel("words"), QLabel("words"), QPushButton(), SliceCanvas()
    set_role(dim, "dim")
    button.setIcon(icon("eye"))
    for widget in (label, dim, button, canvas):
        qtbot.addWidget(widget)
        widget.resize(80, 60)
        widget.show()
    before = [mean_lightness(it.grab().toImage()) for it in (label, dim, button, canvas)]

    apply_theme(qapp, "light")

    after = [mean_lightness(it.grab().toImage()) for it in (label, dim, button, canvas)]
    assert all(dark < 110 for dark in before)
    assert all(light > 180 for light in after)
    assert dim.palette().color(QPalette.ColorRole.WindowText) == QColor(LIGHT.dim)
    set_role(dim, "warning")
    assert dim.palette().color(QPalette.ColorRole.WindowText) == QColor(LIGHT.warning)


def test_icons_take_the_inks_of_the_theme_wherever_they_are(qtbot, qapp):
    apply_theme(qapp, "dark")
    button = QPushButton()
    qtbot.addWidget(button)
    button.setIcon(icon("brush"))

    def ink() -> float:
        image = button.icon().pixmap(32, 32).toImage()
        pixels = [image.pixelColor(x, y) for x in range(32) for y in range(32)]
        solid = [it.lightness() for it in pixels if it.alpha() > 200]
        return sum(solid) / len(solid)

    assert ink() > 180
    apply_theme(qapp, "light")
    assert ink() < 90
    apply_theme(qapp, "dark")
    assert ink() > 180


def test_every_icon_has_its_light_twin():
    names = {path.name for path in DARK_FOLDER.glob("*.svg") if path.stem not in NOT_INKED}
    assert names == {path.name for path in LIGHT_FOLDER.glob("*.svg")}, light_of.__module__
    for name in sorted(names):
        drawn = (DARK_FOLDER / name).read_text(encoding="utf-8")
        assert (LIGHT_FOLDER / name).read_text(encoding="utf-8") == light_of(drawn), name


@pytest.mark.parametrize("name", ["eye", "eye-off", "maximise", "restore", "sxtstudio"])
@pytest.mark.parametrize("choice", ["dark", "light"])
def test_icons_are_drawn_sharp_at_any_size(qapp, name, choice):
    apply_theme(qapp, choice)
    for size in (16, 64):
        picture = icon(name).pixmap(size, size)
        assert picture.width() >= size
        assert not picture.toImage().isNull()


def test_an_icon_that_does_not_exist_is_a_bug(qapp):
    with pytest.raises(FileNotFoundError, match="unicorn"):
        icon("unicorn")


def test_a_plot_draws_its_axes_and_its_loss_in_the_inks_of_the_theme(qtbot, qapp):
    apply_theme(qapp, "dark")
    curves = StageCurves(1, {"nucleus": "#e53935"})
    qtbot.addWidget(curves.dice)
    qtbot.addWidget(curves.loss)
    loss, nucleus = curves.line("", 0), curves.line("nucleus", 0)
    assert curves.loss_plot.getAxis("left").textPen().color() == QColor(DARK.dim)
    assert loss.opts["pen"].color() == QColor(DARK.link)

    apply_theme(qapp, "light")

    assert curves.loss_plot.getAxis("left").textPen().color() == QColor(LIGHT.dim)
    assert loss.opts["pen"].color() == QColor(LIGHT.link)
    assert nucleus.opts["pen"].color() == QColor("#e53935")


def test_a_plot_on_show_takes_the_ground_of_another_theme(qtbot, qapp):
    apply_theme(qapp, "dark")
    plot = ThemedPlot()
    qtbot.addWidget(plot)
    plot.resize(160, 120)
    plot.show()
    qtbot.waitExposed(plot)
    assert mean_lightness(plot.grab().toImage()) < 80
    apply_theme(qapp, "light")
    qapp.processEvents()
    assert mean_lightness(plot.grab().toImage()) > 180


def test_the_chosen_theme_is_remembered_and_ticked_in_the_menu(qtbot, qapp):
    window = make_window(remember=False)
    qtbot.addWidget(window)
    actions = window.actions_by_name
    assert actions["theme_system"].isChecked()

    actions["theme_light"].trigger()

    assert (remembered_theme(), theme_name()) == ("light", "light")
    assert [actions[f"theme_{it}"].isChecked() for it in ("system", "dark", "light")] == [
        False,
        False,
        True,
    ]
    window.close()
    apply_theme(qapp, "dark")
    make_application()
    assert theme_name() == "light"


def test_a_theme_that_nobody_knows_is_the_systems(qapp):
    settings().setValue("theme", "mauve")

    assert remembered_theme() == "system"


def test_without_a_word_from_the_system_it_is_dark(qapp, monkeypatch):
    hints = qapp.styleHints()
    if hints.colorScheme() == Qt.ColorScheme.Unknown:
        assert system_theme() == "dark"
    remember_theme("system")
    apply_theme(qapp, "system")
    assert theme_name() == system_theme()


def test_the_3d_view_stands_on_the_themes_ground_until_another_is_chosen(qtbot, qapp, tmp_path):
    apply_theme(qapp, "dark")
    window = make_window(remember=False)
    qtbot.addWidget(window)
    window.session.open(two_cell_project(tmp_path / "p.sxt"))
    space = window.views.viewer3d.space
    assert space.scene.background == "dark"

    apply_theme(qapp, "light")
    assert space.scene.background == "white"

    space.set_scene(replace(space.scene, background="transparent"))
    apply_theme(qapp, "dark")
    assert space.scene.background == "transparent"
