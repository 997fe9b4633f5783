"""Marks of containers that hold recordings and films alike, shared by the rows of both."""

from __future__ import annotations

MP4 = (
    *(b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"iso7", b"iso8", b"iso9", b"mp41", b"mp42", b"mp71"),
    *(b"avc1", b"dash", b"cmfc", b"cmff", b"msdh", b"MSNV", b"mmp4", b"F4V ", b"XAVC", b"hvc1"),
)
"""Brands of MP4 files (mp4ra.org/registered-types/brands) that say nothing of what the tracks are."""

NO_MP4 = (
    *(b"qt  ", b"M4A ", b"M4B ", b"M4P ", b"avif", b"avis", b"mif1", b"mif2", b"msf1", b"miaf", b"crx "),
    *(b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"jp2 ", b"jpx "),
)
"""Major brands that decide, whatever the compatible ones are: QuickTime, recordings, pictures."""

FILMS = (b"\x80theora", b"BBCD\0", b"OVP80")
"""First packets of pictures in Ogg: Theora, Dirac, VP8."""

ASF = b"0&\xb2u\x8ef\xcf\x11\xa6\xd9\0\xaa\0b\xcel"
"""The GUID of an ASF header object (Windows Media)."""
ASF_SOUND = b"\x40\x9e\x69\xf8\x4d\x5b\xcf\x11\xa8\xfd\x00\x80\x5f\x5c\x44\x2b"
ASF_PICTURES = b"\xc0\xef\x19\xbc\x4d\x5b\xcf\x11\xa8\xfd\x00\x80\x5f\x5c\x44\x2b"
"""Stream types (ASF specification §10.4)."""
