"""XML documents as text."""

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from hypothesis import given
from hypothesis import strategies as st

from musicgen_daw.export.xml_text import document

TEXTS = st.text(st.sampled_from("aé漢&<>\"' \t\n\r"), max_size=6)


@st.composite
def trees(draw: st.DrawFn) -> Element:
    root = Element("root", draw(st.dictionaries(st.sampled_from("abc"), TEXTS)))
    parents = [root]
    for number in range(draw(st.integers(0, 5))):
        parent = draw(st.sampled_from(parents))
        parents.append(SubElement(parent, f"e{number}", {"x": draw(TEXTS)}))
    for element in parents:
        if not len(element) and draw(st.booleans()):
            element.text = draw(TEXTS)
    return root


@given(trees())
def test_a_document_is_what_the_standard_library_writes(root: Element) -> None:
    ours = document(root).decode()
    indent(root)
    theirs = tostring(root, encoding="unicode")
    assert ours == f'<?xml version="1.0" encoding="UTF-8"?>\n{theirs}\n'
