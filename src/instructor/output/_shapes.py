"""What a node of the tree looks like: a list, a dict, or an object of the caller's class."""

from __future__ import annotations

from typing import Any

from ..values import dataclass
from ._partials import Defaults, Sight, shown
from ._tree import FOREVER, Node, resolved
from ._views import Grown, GrownMapping


class ListShape:
    """An array."""

    def show(self, node: Node, tick: int) -> Grown[Any]:
        return Grown(node, tick)

    def whole(self, node: Node) -> list[Any]:
        return [resolved(value, FOREVER) for value in node.values]


class DictShape:
    """An object that becomes a dict."""

    def show(self, node: Node, tick: int) -> GrownMapping[Any]:
        return GrownMapping(node, tick)

    def whole(self, node: Node) -> dict[str, Any]:
        return dict(node.pairs(FOREVER))


@dataclass(frozen=True)
class ObjectShape:
    """An object of a partial class."""

    partial: type[Any]
    defaults: Defaults

    def show(self, node: Node, tick: int) -> Any:
        return shown(self.partial, Sight(node, tick, self.defaults))

    def whole(self, node: Node) -> Any:
        return self.show(node, FOREVER)


LIST = ListShape()
DICT = DictShape()
