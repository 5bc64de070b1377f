import xml.etree.ElementTree as ET
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicgen_daw.errors import CueSheetError
from musicgen_daw.formats import xml

BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<lolz>&b;</lolz>"""

PIECES = [
    *(b"<a>", b"</a>", b"<b c='1'/>", b"<t:x/>", b"&amp;", b"&#0;", b"\xff\xfe", b"\0"),
    *(b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<!DOCTYPE"),
    b"<?xml version='1.0' encoding='utf-7'?>",
]


def shape(element):
    return element.tag, element.attrib, element.text, element.tail, [shape(e) for e in element]


@pytest.mark.parametrize(
    "text",
    [
        "<a/>",
        '<a b="1">x<c/>y<!-- no --><d>z&amp;&#x41;</d></a>',
        '<a xmlns="urn:one" xmlns:t="urn:two" t:q="1"><t:b/><c>é</c></a>',
        "<a><![CDATA[<not a tag>]]></a>",
    ],
)
def test_a_document_reads_as_the_standard_library_reads_it(text):
    assert shape(xml.parse(text.encode())) == shape(ET.fromstring(text))  # noqa: S314


@pytest.mark.parametrize("charset", ["utf-8-sig", "utf-16", "iso-8859-1", "cp1252"])
def test_the_charset_that_the_file_names_is_read(charset):
    declared = charset.removesuffix("-sig")
    text = f'<?xml version="1.0" encoding="{declared}"?><a>é</a>'
    assert xml.parse(text.encode(charset)).text == "é"


def test_an_element_knows_its_line():
    root = xml.parse(b"<?xml version='1.0'?>\n<a>\n\n  <b\n c='1'/></a>")
    assert (xml.place(root), xml.place(root[0])) == ("line 2", "line 4")


@pytest.mark.parametrize(
    "content",
    [
        BOMB,
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        b"<!DOCTYPE a><a/>",
    ],
)
def test_a_document_type_is_refused_before_anything_in_it_counts(content):
    with pytest.raises(CueSheetError, match="document type") as caught:
        xml.parse(content)
    assert caught.value.place.startswith("line ")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", 1),
        (b"no xml", 1),
        (b"<a>\n<b>\n</a>", 3),
        (b"<a>\n&unknown;</a>", 2),
        (b"<a b='1' b='2'/>", 1),
        (b"<a/><b/>", 1),
        (b"<t:a/>", 1),
        (b'<?xml version="1.0" encoding="no-such-charset"?><a/>', 1),
        (b'<?xml version="1.0" encoding="rot13"?><a/>', 1),
    ],
)
def test_what_is_not_well_formed_is_told_with_its_line(content, line):
    with pytest.raises(CueSheetError) as caught:
        xml.parse(content)
    assert caught.value.place == f"line {line}"


def test_depth_size_and_number_have_limits(monkeypatch):
    assert xml.parse(b"<a>" * 200 + b"</a>" * 200).tag == "a"
    with pytest.raises(CueSheetError, match="200 deep"):
        xml.parse(b"<a>" * 100_000)
    with pytest.raises(CueSheetError, match="longer than a megabyte"):
        xml.parse(b"<a " + b"b='' " * 400_000)
    with pytest.raises(CueSheetError, match="longer than a megabyte"):
        xml.parse(b"<a><!--" + b"-x" * 2_000_000)
    monkeypatch.setattr(xml, "MAX_NODES", 1000)
    with pytest.raises(CueSheetError, match="too many"):
        xml.parse(b"<a>" + b"<b c='1'/>" * 1000 + b"</a>")
    monkeypatch.setattr(xml, "MAX_BYTES", 10)
    with pytest.raises(CueSheetError, match="too many"):
        xml.parse(b"<abcdefgh/>")


def test_a_long_text_is_no_long_tag():
    assert len(xml.parse(b"<a>" + b"x" * 3_000_000 + b"</a>").text) == 3_000_000


@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=8), max_size=20))
def test_whatever_the_bytes_only_a_cue_sheet_error_comes_out(parts):
    with suppress(CueSheetError):
        assert xml.parse(b"".join(parts)).tag
