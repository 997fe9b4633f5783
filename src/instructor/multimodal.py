"""The media under the name of the module where existing code looks for them."""

from .media import PDF, Audio, CacheControl, Document, Image, Media, Video

__all__ = ["PDF", "Audio", "CacheControl", "Document", "Image", "Media", "Video"]
