"""A queue as SQS keeps it: a message that is received stays, unseen, until it is deleted or comes back."""

import itertools
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from simulator.core.clock import Clock


@dataclass
class Message:
    """A message; ``visible_at`` says when it can be received (again)."""

    number: int
    body: str
    visible_at: datetime
    receives: int = 0


@dataclass
class Queue:
    """One queue and its dead letters.

    Attributes:
        visibility: how long a received message is hidden.
        max_receives: after so many receives a message goes to the dead letters instead of being given out.
    """

    clock: Clock
    visibility: timedelta
    max_receives: int
    messages: list[Message] = field(default_factory=list)
    dead: list[Message] = field(default_factory=list)
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def send(self, body: str, *, delay: timedelta = timedelta()) -> None:
        """Take in a message."""
        self.messages.append(Message(next(self.numbers), body, self.clock.now() + delay))

    def next_visible(self) -> datetime | None:
        """Say when the next message can be received."""
        return min((message.visible_at for message in self.messages), default=None)

    def receive(self, most: int) -> list[Message]:
        """Give out what is visible, the longest visible first."""
        now = self.clock.now()
        visible = sorted((m for m in self.messages if m.visible_at <= now), key=lambda m: m.visible_at)
        received: list[Message] = []
        for message in visible:
            if message.receives >= self.max_receives:
                self.messages.remove(message)
                self.dead.append(message)
            elif len(received) < most:
                received.append(self.take(message))
        return received

    def take(self, message: Message) -> Message:
        """Give out this message, and hide it."""
        message.receives += 1
        message.visible_at = self.clock.now() + self.visibility
        return message

    def delete(self, message: Message) -> None:
        """Forget a message that has been dealt with."""
        if message in self.messages:
            self.messages.remove(message)
