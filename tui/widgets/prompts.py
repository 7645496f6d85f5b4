"""The line at the bottom in which the operator types: one question at a time, each kind with its own history."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from core.errors import TailsightError
from core.support.printable import escape
from tui.look.glyphs import Glyphs
from tui.look.text import safe_text


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and what is done with the answer."""

    kind: str
    """Questions of one kind share a history of answers."""
    label: str
    accept: Callable[[str], None]
    """Takes the answer. It raises a TailsightError to refuse it: the prompt shows it and stays open."""
    value: str = ""
    placeholder: str = ""
    note: str = ""
    """Shown beside the input at first."""
    preview: Callable[[str], str] | None = None
    """Says what the text typed so far would do."""
    alternative: Callable[[], Question] | None = None
    """Makes the question that Tab puts in place of this one."""


class _Field(Input):
    """The input. Each key takes effect before the next one is looked at, however fast they come."""

    def __init__(self, prompt: Prompt) -> None:
        super().__init__(id="prompt-input", compact=True, select_on_focus=False)
        self.cursor_blink = False
        self._prompt = prompt

    async def on_key(self, event: events.Key) -> None:
        """Act on a key at once; Textual would act only after the keys that wait already."""
        if not self._prompt.open:
            # It was typed before the prompt closed, but is meant for the app.
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
    """Asks a question; Enter answers, Esc cancels, up and down recall earlier answers."""

    class Closed(Message):
        """The prompt is no longer open."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(id="prompt")
        self._glyphs = glyphs
        self._question: Question | None = None
        self._answers: defaultdict[str, list[str]] = defaultdict(list)
        self._recalled = 0
        self._refused: str | None = None
        """The answer whose error is shown."""

    def compose(self) -> ComposeResult:
        """Label, input and note."""
        yield Static(id="prompt-label", markup=False)
        yield _Field(self)
        yield Static(id="prompt-note", markup=False)

    @property
    def open(self) -> bool:
        """Whether a question is asked."""
        return self._question is not None

    @property
    def note(self) -> str:
        """The note beside the input."""
        return str(self.query_one("#prompt-note", Static).content)

    def ask(self, question: Question) -> None:
        """Ask this question."""
        self._question = question
        self._refused = None
        self._recalled = 0
        self.query_one("#prompt-label", Static).update(safe_text(question.label, self._glyphs))
        self._show_note(question.note)
        self.add_class("hinting")
        self.display = True
        prompt = self.query_one(Input)
        prompt.placeholder = question.placeholder
        prompt.value = question.value
        prompt.cursor_position = len(question.value)
        # `focus()` would wait, and what is typed meanwhile would act as keys of the app.
        self.screen.set_focus(prompt)

    def cancel(self) -> None:
        """Close without an answer."""
        self._close()

    def earlier(self) -> None:
        """Recall the answer before."""
        self._recall(1)

    def later(self) -> None:
        """Recall the answer after."""
        self._recall(-1)

    def switch(self) -> None:
        """Ask the alternative question."""
        if self._question is not None and self._question.alternative is not None:
            self.ask(self._question.alternative())

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say what the text so far would do."""
        event.stop()
        # What is pasted may come from a log. The input may hold more by now than the event says.
        event.input.value = escape(event.input.value)
        if event.input.value == self._refused:
            # Its error is shown.
            return
        self._refused = None
        if self._question is not None and self._question.preview is not None:
            self._show_note(self._question.preview(event.input.value))

    def answer(self) -> None:
        """Hand over the answer, or show why it was refused."""
        question, answer = self._question, escape(self.query_one(Input).value)
        if question is None:
            return
        try:
            question.accept(answer)
        except TailsightError as error:
            self._refused = answer
            self._show_note(str(error), wrong=True)
            return
        answers = self._answers[question.kind]
        if answer and answers[-1:] != [answer]:
            answers.append(answer)
        # The answer may have led to another question.
        if self._question is question:
            self._close()

    def on_paste(self, event: events.Paste) -> None:
        """Pasted text is for the input alone."""
        event.stop()

    def _recall(self, steps: int) -> None:
        answers = self._answers[self._question.kind] if self._question is not None else []
        if answers:
            self._recalled = min(max(self._recalled + steps, 0), len(answers))
            prompt = self.query_one(Input)
            prompt.value = answers[-self._recalled] if self._recalled else ""
            prompt.cursor_position = len(prompt.value)

    def _show_note(self, text: str, *, wrong: bool = False) -> None:
        self.query_one("#prompt-note", Static).update(safe_text(text, self._glyphs))
        self.set_class(wrong, "wrong")
        self.remove_class("hinting")

    def _close(self) -> None:
        self._question = None
        self.display = False
        self.post_message(self.Closed())


_KEYS: Final = {
    "enter": Prompt.answer,
    "escape": Prompt.cancel,
    "up": Prompt.earlier,
    "down": Prompt.later,
    "tab": Prompt.switch,
}
