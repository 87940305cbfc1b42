"""What an assistant sees of a conversation that outgrows its window."""

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
        raise NotImplementedError

    def add(self, role: str, content: str) -> None:
        """Append a message; compact if it does not fit."""
        raise NotImplementedError

    def messages(self) -> list[Message]:
        """System text, summary if there is one, latest messages."""
        raise NotImplementedError
