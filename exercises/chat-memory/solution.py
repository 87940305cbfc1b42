"""What an assistant sees of a conversation that outgrows its window.

Two thresholds: fill to the budget, fold down to the target. In between the
list only grows at its end, so a served prefix can be reused.
"""

from collections.abc import Callable

Message = tuple[str, str]  # (role, content)


class Memory:
    def __init__(
        self,
        system: str,
        budget: int,
        target: int,
        count: Callable[[str], int],
        summarize: Callable[[str | None, list[Message]], str],
    ) -> None:
        """Above `budget` tokens, fold down to `target`."""
        if not count(system) <= target < budget:
            raise ValueError(
                f"system {count(system)}, target {target}, budget {budget}"
            )
        self._system, self._budget, self._target = system, budget, target
        self._count, self._summarize = count, summarize
        self._summary: str | None = None
        self._latest: list[Message] = []

    def add(self, role: str, content: str) -> None:
        """Append a message; compact if it does not fit."""
        if role not in ("user", "assistant"):
            raise ValueError(f"role {role!r}")
        least = self._count(self._system) + self._count(content)
        if role == "user" and least > self._budget:
            raise ValueError(f"{least} tokens at least, {self._budget} fit")
        self._latest.append((role, content))
        if self._cost() > self._budget:
            self._compact()

    def messages(self) -> list[Message]:
        """System text, summary if there is one, latest messages."""
        head = [("system", self._system)]
        if self._summary is not None:
            head.append(("summary", self._summary))
        return head + self._latest

    def _cost(self) -> int:
        return sum(self._count(content) for _, content in self.messages())

    def _compact(self) -> None:
        folded: list[Message] = []
        while self._cost() > self._target:
            end = self._first_exchange()
            if end == len(self._latest):
                break
            folded += self._latest[:end]
            del self._latest[:end]
        if folded:
            self._summary = self._summarize(self._summary, folded)
        if self._cost() > self._budget:
            self._summary = None
        while self._cost() > self._budget:
            roles = [role for role, _ in self._latest]
            del self._latest[roles.index("assistant")]

    def _first_exchange(self) -> int:
        """Where the second exchange begins, or the end."""
        roles = [role for role, _ in self._latest]
        return roles.index("user", 1) if "user" in roles[1:] else len(roles)
