"""Byte-level knowledge of file formats: bytes in, values out, no paths."""
