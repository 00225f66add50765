"""The colours of the two looks, dark for dim rooms and light for bright ones."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Tones:
    """Every colour of a look, ``#rrggbb``; what the style sheet calls ``$name`` is the same.

    ``text``, ``strong``, ``dim``, ``faint`` and ``warning`` are inks for all grounds
    (``window``, ``base``, ``alternate``, ``raised``, ``bar``, ``title``, ``menu``, ``tooltip``,
    ``card``); what is chosen lies on ``chosen`` in ``chosen_text``, on ``selection`` in
    ``selection_text``. ``gap`` lies between panels, ``canvas`` around a slice. ``xy``, ``xz``,
    ``yz`` and ``space`` are the frames and the names of the views.
    """

    window: str
    base: str
    alternate: str
    raised: str
    bar: str
    title: str
    menu: str
    tooltip: str
    card: str
    gap: str
    canvas: str
    hover: str
    pressed: str
    chosen: str
    checked: str
    line: str
    edge: str
    card_edge: str
    control: str
    quiet: str
    text: str
    strong: str
    dim: str
    faint: str
    disabled: str
    warning: str
    figure: str
    accent: str
    focus: str
    link: str
    visited: str
    selection: str
    selection_text: str
    chosen_text: str
    light: str
    midlight: str
    mid: str
    dark: str
    shadow: str
    xy: str
    xz: str
    yz: str
    space: str


DARK = Tones(
    window="#1f2429",
    base="#171a1e",
    alternate="#1c2025",
    raised="#2a3037",
    bar="#1b1f23",
    title="#23282e",
    menu="#262c33",
    tooltip="#2d333b",
    card="#2a3037",
    gap="#15181b",
    canvas="#0c0e10",
    hover="#323a43",
    pressed="#3d4751",
    chosen="#2b4055",
    checked="#2b4a66",
    line="#353c44",
    edge="#4a535d",
    card_edge="#3c444d",
    control="#7d8894",
    quiet="#22272c",
    text="#dde2e7",
    strong="#f0f3f6",
    dim="#a9b3bd",
    faint="#96a0aa",
    disabled="#6b747e",
    warning="#ffb74d",
    figure="#8cc8f5",
    accent="#3d8fd1",
    focus="#5aa9e6",
    link="#6cb6f0",
    visited="#a99ce8",
    selection="#2d72ad",
    selection_text="#ffffff",
    chosen_text="#ffffff",
    light="#3c444d",
    midlight="#343b43",
    mid="#23282e",
    dark="#14171a",
    shadow="#0a0c0e",
    xy="#e8b34b",
    xz="#4cc5bd",
    yz="#b39bf5",
    space="#8b96a2",
)

LIGHT = Tones(
    window="#f1f3f5",
    base="#ffffff",
    alternate="#f6f8f9",
    raised="#e8ecf0",
    bar="#e6eaee",
    title="#dfe4e9",
    menu="#ffffff",
    tooltip="#ffffff",
    card="#ffffff",
    gap="#cdd4db",
    canvas="#e3e7eb",
    hover="#d6dee6",
    pressed="#c5d0db",
    chosen="#cbe1f5",
    checked="#bcd8f0",
    line="#d0d7de",
    edge="#a8b2bd",
    card_edge="#c6ced6",
    control="#66727e",
    quiet="#e3e7eb",
    text="#1d2329",
    strong="#0c1116",
    dim="#4a545f",
    faint="#56616c",
    disabled="#9099a3",
    warning="#874c00",
    figure="#0f5a96",
    accent="#2376bb",
    focus="#2376bb",
    link="#0f5a9c",
    visited="#5f45ad",
    selection="#2569a3",
    selection_text="#ffffff",
    chosen_text="#0c1116",
    light="#ffffff",
    midlight="#f4f6f8",
    mid="#b4bdc7",
    dark="#98a3ae",
    shadow="#6b7680",
    xy="#855900",
    xz="#006b65",
    yz="#6243bd",
    space="#4c5762",
)
