"""A prefix cache: a radix tree from token sequences to their KV slots."""

from collections.abc import Sequence


# --8<-- [start:RadixCache]
class Node:
    """The edge that leads here: some tokens, and the slot of each."""

    def __init__(
        self,
        tokens: Sequence[int],
        slots: Sequence[int],
        parent: "Node | None",
    ) -> None:
        self.tokens, self.slots, self.parent = tokens, slots, parent
        self.children: dict[int, Node] = {}  # by their first token
        self.pins = self.last_used = 0


class RadixCache:
    """Finds the longest prefix whose keys and values are still there.

    Zheng et al. 2023, "SGLang", section 3 (RadixAttention).

    Keys and values of a token depend on every token before it, so only
    whole prefixes can be reused: where the first tokens differ, a date
    for instance, nothing after them matches.
    A request pins what it reads. The rest stays until memory is
    needed; then leaves go first, the least recently used one before
    others. Each token is compared once; evicting a leaf looks at every
    node here, where an engine keeps a heap.
    Leaves out: edges cut at block borders; adapters and images, which
    change the keys too and so belong into what is looked up.
    """

    def __init__(self) -> None:
        self.root = Node((), (), None)
        self._clock = 0

    def match(self, tokens: Sequence[int]) -> tuple[list[int], Node]:
        """Slots of the longest cached prefix, and the node it ends at.

        Pin the node before anything may be evicted. An engine looks up
        all but the last token of a prompt: that one must run, since
        its logits are wanted.
        """
        self._clock += 1
        node, slots = self.root, []
        while True:
            node.last_used = self._clock
            rest = tokens[len(slots) :]
            child = node.children.get(rest[0]) if rest else None
            if child is None:
                return slots, node
            node = self._split(child, _n_common(child.tokens, rest))
            slots += node.slots

    def insert(self, tokens: Sequence[int], slots: Sequence[int]) -> int:
        """Remember where the tokens lie; return how many it knew before.

        It now owns slots[known:]. Those before are the caller's still:
        the ones that match did not give out are duplicates to be freed.
        Raises ValueError, and keeps nothing, unless each token has a
        slot.
        """
        if len(tokens) != len(slots):
            raise ValueError(f"{len(tokens)} tokens but {len(slots)} slots")
        found, node = self.match(tokens)
        known = len(found)
        if known < len(tokens):
            leaf = Node(tokens[known:], slots[known:], node)
            leaf.last_used = self._clock
            node.children[leaf.tokens[0]] = leaf
        return known

    def pin(self, node: Node) -> None:
        """Keep everything up to the node. Pins are counted."""
        while node is not None:
            node.pins += 1
            node = node.parent

    def unpin(self, node: Node) -> None:
        """Take one pin back. Raises ValueError if there is none."""
        if node.pins == 0:
            raise ValueError(f"the node of {node.tokens} has 0 pins")
        while node is not None:
            node.pins -= 1
            node = node.parent

    def evict(self, n_slots: int) -> list[int]:
        """Forget leaves until n_slots are free; return their slots.

        More come back if the last leaf is larger, fewer if the rest is
        pinned. A node becomes a leaf when its last child goes.
        """
        freed: list[int] = []
        while len(freed) < n_slots:
            nodes = list(self.root.children.values())
            for node in nodes:  # grows while it is read
                nodes += node.children.values()
            leaves = [n for n in nodes if not n.children and not n.pins]
            if not leaves:
                break
            oldest = min(leaves, key=lambda node: node.last_used)
            del oldest.parent.children[oldest.tokens[0]]
            freed += oldest.slots
        return freed

    def _split(self, node: Node, n: int) -> Node:
        """Cut an edge after n tokens; return the upper part."""
        if n == len(node.tokens):
            return node
        upper = Node(node.tokens[:n], node.slots[:n], node.parent)
        upper.pins, upper.last_used = node.pins, node.last_used
        upper.parent.children[upper.tokens[0]] = upper
        # The lower part stays the same object: whoever pinned it holds it.
        node.tokens, node.slots = node.tokens[n:], node.slots[n:]
        upper.children, node.parent = {node.tokens[0]: node}, upper
        return upper


def _n_common(one: Sequence[int], other: Sequence[int]) -> int:
    n = min(len(one), len(other))
    return next((i for i in range(n) if one[i] != other[i]), n)
# --8<-- [end:RadixCache]
