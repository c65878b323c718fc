"""What can be called of a class."""

from __future__ import annotations

from flowkit.display.listing import methods_html, methods_of


class Base:
    """A base."""

    def first(self, x: int) -> None:
        """Do the first."""

    def changed(self) -> None:
        """Do it."""


class Kind(Base):
    """A kind of <things>."""

    constant = 3

    def changed(self, why: str = "<b>") -> None:
        """Do it otherwise.

        At length.
        """

    def _hidden(self) -> None: ...

    def long(self, **named: object) -> None: ...


def test_methods_with_arguments_and_a_line_each() -> None:
    assert methods_of(Kind) == {
        "first": ("x", "Do the first."),
        "changed": ("why='<b>'", "Do it otherwise."),
        "long": ("named", ""),
    }


def test_as_html_everything_is_escaped() -> None:
    made = methods_html("kind", Kind)
    assert "A kind of &lt;things&gt;." in made
    assert "kind.changed(why=&#x27;&lt;b&gt;&#x27;)" in made
