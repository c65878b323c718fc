"""Elements, in which no text can become markup."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from flowkit.display.markup import Markup, element, join

HOSTILE = "<script>alert(\"1\")</script> & 'x' \x00 \ud800"


def test_texts_and_attributes_are_escaped() -> None:
    made = element("td", HOSTILE, title=HOSTILE)
    found = ET.fromstring(made)
    assert found.text == found.get("title")
    assert "<script>" in str(found.text)
    assert "\x00" not in made


def test_elements_within_elements_stay_elements() -> None:
    assert element("p", element("b", "a"), "<b>") == "<p><b>a</b>&lt;b&gt;</p>"
    assert isinstance(join("a", element("b")), Markup)


def test_names_and_values_of_attributes() -> None:
    made = element("line", x1=1 / 3, stroke_width=2, class_="a", hidden=True, rx=None)
    assert made == '<line x1="0.333333" stroke-width="2" class="a" hidden></line>'
