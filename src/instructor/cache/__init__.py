"""Where answers are kept, so that the same question is paid for once.

    MemoryCache    in this process: bounded, least recently used goes first
    DiskCache      a folder, shared by processes: SQLite
    RedisCache     a Redis or Valkey server, shared by machines
    Cache          what a cache of your own has to be: `get` and `set` of bytes

Given to a client as `cache=`. What is kept is JSON, never pickled objects: who can write to a cache can give wrong
answers, but cannot run code.
"""

from ..effects import Cache
from .disk import DiskCache
from .memory import MemoryCache
from .server import RedisCache

__all__ = ["Cache", "DiskCache", "MemoryCache", "RedisCache"]
