import re
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from sxtstudio.gui.theme import apply_theme, dark_palette, icon, style_sheet


def luminance(colour: QColor) -> float:
    """Relative luminance, WCAG 2.1."""
    parts = [
        (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4)
        for c in (colour.redF(), colour.greenF(), colour.blueF())
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(first: QColor, second: QColor) -> float:
    bright, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


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
        (QPalette.ColorRole.HighlightedText, QPalette.ColorRole.Highlight),
    ],
)
def test_words_can_be_read_on_their_ground(ink, paper):
    palette = dark_palette()
    assert contrast(palette.color(ink), palette.color(paper)) >= 4.5


def test_the_theme_reaches_the_whole_application(qapp):
    application = QApplication.instance()
    before = application.palette(), application.styleSheet()
    try:
        apply_theme(application)
        assert application.palette().color(QPalette.ColorRole.Window).lightnessF() < 0.2
        assert "QToolTip" in application.styleSheet()
    finally:
        application.setPalette(before[0])
        application.setStyleSheet(before[1])


@pytest.mark.parametrize("name", ["eye", "eye-off", "maximise", "restore"])
def test_icons_are_drawn_sharp_at_any_size(qapp, name):
    for size in (16, 64):
        picture = icon(name).pixmap(size, size)
        assert picture.width() >= size
        assert not picture.toImage().isNull()


def test_an_icon_that_does_not_exist_is_a_bug(qapp):
    with pytest.raises(FileNotFoundError, match="unicorn"):
        icon("unicorn")


def test_every_picture_of_the_style_sheet_exists():
    pictures = re.findall(r"url\(([^)]*)\)", style_sheet())
    assert len(pictures) >= 5
    assert [name for name in pictures if not Path(name).is_file()] == []
