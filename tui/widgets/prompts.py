"""The line at the bottom in which the operator types: one prompt at a time, each kind with its own past answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from core.errors import TailsightError
from core.support.printable import escape
from tui.look.glyphs import Glyphs
from tui.look.text import draw


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and what becomes of the answer."""

    kind: str
    """Names the past answers."""
    label: str
    accept: Callable[[str], None]
    """Takes the answer; a TailsightError keeps the prompt open and is shown."""
    value: str = ""
    placeholder: str = ""
    note: str = ""
    """Said beside the answer at first."""
    preview: Callable[[str], str] | None = None
    """Says what the answer typed so far would mean."""
    turn: Callable[[], Question] | None = None
    """Makes the question that Tab turns this one into."""
    drop: Callable[[], None] = field(default=lambda: None)
    """Called when the operator backs out."""


class _Field(Input):
    """Where the answer is typed; every key has acted before the next one does, however fast they come."""

    def __init__(self, prompt: Prompt) -> None:
        super().__init__(id="prompt-input", compact=True, select_on_focus=False)
        self.cursor_blink = False
        self._prompt = prompt

    async def on_key(self, event: events.Key) -> None:
        """Do at once what Textual would do only after all that was typed meanwhile."""
        if not self._prompt.open:
            # It was typed ahead of what closed the prompt.
            event.prevent_default().stop()
            self.app.post_message(events.Key(event.key, event.character))
        elif event.key in _KEYS:
            event.prevent_default().stop()
            _KEYS[event.key](self._prompt)
        elif not event.is_printable:
            active = self.screen.active_bindings.get(event.key)
            if active is not None and active.node is self:
                event.prevent_default().stop()
                await self.run_action(active.binding.action)


class Prompt(Horizontal):
    """Asks questions; Enter answers, Esc backs out, up and down bring back earlier answers."""

    class Closed(Message):
        """The prompt is no longer open."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(id="prompt")
        self._glyphs = glyphs
        self._question: Question | None = None
        self._past: defaultdict[str, list[str]] = defaultdict(list)
        self._back = 0
        self._refused: str | None = None

    def compose(self) -> ComposeResult:
        """Label, input, and what the answer would mean."""
        yield Static(id="prompt-label", markup=False)
        yield _Field(self)
        yield Static(id="prompt-note", markup=False)

    @property
    def open(self) -> bool:
        """Whether a question is being asked."""
        return self._question is not None

    @property
    def note(self) -> str:
        """What is said about the answer typed so far."""
        return str(self.query_one("#prompt-note", Static).content)

    def ask(self, question: Question) -> None:
        """Ask this."""
        self._question = question
        self._refused = None
        self._back = 0
        self.query_one("#prompt-label", Static).update(draw(question.label, self._glyphs))
        self._say(question.note)
        self.add_class("hinting")
        self.display = True
        prompt = self.query_one(Input)
        prompt.placeholder = question.placeholder
        prompt.value = question.value
        prompt.cursor_position = len(question.value)
        # At once, and not `focus()`, which waits: what is typed ahead must not act as keys.
        self.screen.set_focus(prompt)

    def drop(self) -> None:
        """Back out."""
        question = self._question
        self._close()
        if question is not None:
            question.drop()

    def earlier(self) -> None:
        """Bring back the answer before."""
        self._recall(1)

    def later(self) -> None:
        """Go on to the answer after."""
        self._recall(-1)

    def turn(self) -> None:
        """Turn the question into its next form."""
        if self._question is not None and self._question.turn is not None:
            self.ask(self._question.turn())

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say what the answer so far would mean."""
        event.stop()
        # What is pasted may come from a log. More may have been typed since the event was sent.
        event.input.value = escape(event.input.value)
        if event.input.value == self._refused:
            # What is wrong with it has been said meanwhile.
            return
        self._refused = None
        if self._question is not None and self._question.preview is not None:
            self._say(self._question.preview(event.input.value))

    def answer(self) -> None:
        """Hand over what was typed, or say what is wrong with it."""
        question, answer = self._question, escape(self.query_one(Input).value)
        if question is None:
            return
        try:
            question.accept(answer)
        except TailsightError as error:
            self._refused = answer
            self._say(str(error), wrong=True)
            return
        past = self._past[question.kind]
        if answer and past[-1:] != [answer]:
            past.append(answer)
        # The answer may have asked the next question.
        if self._question is question:
            self._close()

    def on_paste(self, event: events.Paste) -> None:
        """Keep what is pasted from reaching anything but the input."""
        event.stop()

    def _recall(self, steps: int) -> None:
        past = self._past[self._question.kind] if self._question is not None else []
        if past:
            self._back = min(max(self._back + steps, 0), len(past))
            prompt = self.query_one(Input)
            prompt.value = past[-self._back] if self._back else ""
            prompt.cursor_position = len(prompt.value)

    def _say(self, text: str, *, wrong: bool = False) -> None:
        self.query_one("#prompt-note", Static).update(draw(text, self._glyphs))
        self.set_class(wrong, "wrong")
        self.remove_class("hinting")

    def _close(self) -> None:
        self._question = None
        self.display = False
        self.post_message(self.Closed())


_KEYS: Final = {
    "enter": Prompt.answer,
    "escape": Prompt.drop,
    "up": Prompt.earlier,
    "down": Prompt.later,
    "tab": Prompt.turn,
}
