"""Looks that classes get by themselves."""

from sxtstudio.analysis.styles import HULL_OPACITY, default_styles


def styles_of(*names, colours=None):
    styles = default_styles(dict(enumerate(names, start=1)), colours or {})
    return dict(zip(names, styles, strict=True))


def test_what_surrounds_the_cell_is_hidden():
    styles = styles_of("capillary", "buffer", "exterior", "ignore", "nucleus")
    assert [style.visible for style in styles.values()] == [False, False, False, False, True]


def test_hulls_are_faint_and_organelles_solid():
    styles = styles_of("cytoplasm", "wall", "mitochondria", "lipid", "starch", "nucleus")
    assert styles["cytoplasm"].opacity == styles["wall"].opacity == HULL_OPACITY
    assert all(styles[name].opacity == 1 for name in ("mitochondria", "lipid", "starch", "nucleus"))


def test_a_class_with_another_class_inside_is_translucent():
    styles = styles_of("nucleus", "nucleolus", "chloroplast")
    assert 0.2 < styles["nucleus"].opacity < 0.6
    assert styles["chloroplast"].opacity == 0.2
    assert styles["nucleolus"].opacity == 1


def test_colours_are_the_ontologys_unless_given():
    styles = styles_of("nucleus", "lipid", colours={2: "#123456"})
    assert styles["nucleus"].colour == "#e53935"
    assert styles["lipid"].colour == "#123456"


def test_ids_become_names_and_the_users_own_words_stay():
    styles = styles_of("lipid", "Mitochondrion", "my dots")
    assert styles["lipid"].name == "lipid bodies"
    assert styles["Mitochondrion"].name == "Mitochondrion"
    assert styles["my dots"].opacity == 1
    assert styles["my dots"].visible
