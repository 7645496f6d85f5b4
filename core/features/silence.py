"""What stays away for longer than chance lets it: services, their periodic templates, hosts, and all."""

from __future__ import annotations

from collections.abc import Mapping
from heapq import heappop, heappush
from math import inf, log
from typing import Final

from core.events import LogEvent
from core.features.gaps import RESOLUTION_S
from core.features.watch_tree import WatchTree
from core.features.watches import EVERYTHING, LEAST_SILENCE_S, Return, Silence, Watch, says_it_stops
from core.templates import Template

FALSE_PER_HOUR: Final = 0.02
"""Silences that chance alone may bring in an hour, of everything that is watched together."""

_LOG_RATE: Final = log(FALSE_PER_HOUR)
_UNUSUAL: Final = 0.0
"""Log of the rate per hour by chance under which a whole is silent with its part: once an hour."""
_BACK_SECONDS: Final = 60.0
"""A clock set back by more than this begins all waits again; less is disorder among writers."""
_AGAIN: Final = 0.1
"""Share of a timeout after which it is asked again whether a part is silent alone."""
_TOGETHER: Final = 0.1
"""Share of a period within which two lines are of one task."""


class SilenceWatch:
    """What one stream expects to come again, and what of it has stayed away.

    Time alone changes what is silent: `advance` has to be called with the time of an event before it is learned. The
    chance of a false silence is shared out: what is watched is given a timeout that an hour sees `FALSE_PER_HOUR` by
    the number of watches, judged by its own gaps. Of what falls silent together the largest whole is told, once.
    """

    def __init__(self, planned: Mapping[str, float] | None = None) -> None:
        """Begin; `planned` says which service is excused until which second (`all` is every one)."""
        self._planned = dict(planned or {})
        self._tree = WatchTree()
        self._due: list[tuple[float, int, Watch]] = []
        self._pushed = 0
        self._now = -inf
        self._set_back = 0.0
        """The largest step in seconds by which the clock was set back."""
        self._is_forgiving = False
        self._returned: list[Return] = []

    @property
    def now(self) -> float:
        """Second of the latest event; -inf before any."""
        return self._now

    def forgive(self) -> None:
        """Count no wait before the next event: the reader stood still, or left something out."""
        self._is_forgiving = True

    def advance(self, at: float) -> list[Silence]:
        """Return what has fallen silent before second `at`, in the order in which the timeouts ran out."""
        due = self._due
        if not due or due[0][0] >= at or self._is_forgiving:
            return []
        if self._is_step_ahead(at):
            return []
        found = []
        while due and due[0][0] < at:
            moment, _, watch = heappop(due)
            if moment != watch.queued_at:
                continue  # it has come to be due earlier
            watch.queued_at = inf
            if watch.is_held and watch.is_armed and watch.silence is None and self._has_run_out(watch, moment):
                silence = self._tell(watch, moment)
                if silence is not None:
                    found.append(silence)
        return found

    def learn(self, event: LogEvent, template: Template, at: float) -> list[Return]:
        """Take in an event at second `at`; return what is back with it, the largest first."""
        if at < self._now - _BACK_SECONDS:
            self._set_back = max(self._set_back, self._now - at)
            self._restart(at)
        elif self._is_forgiving or self._is_step_ahead(at):
            self._is_forgiving = False
            self._tree.root.floor = at
            self._wait_again(self._tree.root, at)
        at = self._now = max(at, self._now)
        tree = self._tree
        host = tree.hosts.of(event)
        if tree.hosts.is_fresh:
            self._due = [entry for entry in self._due if entry[2] is tree.root]
            tree.tell_hosts_apart()
        service = tree.service(event, host)
        line = tree.line(service, event, template)
        if line.is_fault:
            self._see_fault(service, event, template, at)
        else:
            self._see(line if line.is_watched else service, event, template, at)
        if event.service == "systemd":
            tree.excuse(event, host)
        elif says_it_stops(template.text):
            service.is_excused = True
        if not self._returned:
            return []
        returned, self._returned = self._returned[::-1], []
        return returned

    def _see(self, part: Watch, event: LogEvent, template: Template, at: float) -> None:
        """Take in a line of this part, and of all that it is a part of."""
        watch: Watch | None = part
        while watch is not None:
            if at - watch.start >= RESOLUTION_S:
                if watch.silence is not None or watch.is_excused:
                    self._come_back(watch, at)
                elif watch.last > watch.floor:
                    # What was told as a silence counts as one that was just not: a fault is no habit, unless it comes
                    # again.
                    gap = at - watch.last
                    if watch.record.learn(watch.timeout if gap > watch.timeout else max(gap, RESOLUTION_S)):
                        self._judge(watch)
                watch.start = at
                if at + watch.timeout < watch.queued_at:
                    self._queue(watch, at + watch.timeout)
            watch.last = at
            watch.event = event
            watch.template = template.text
            watch = watch.parent

    def _see_fault(self, service: Watch, event: LogEvent, template: Template, at: float) -> None:
        """Take in a line that a fault brings: its service is there, and what it repeats is no habit."""
        for watch in (service, *service.wholes()):
            if watch.silence is not None or watch.is_excused:
                self._come_back(watch, at)
            watch.floor = watch.fault_at = at
            if watch.is_armed and watch.queued_at == inf:
                self._queue(watch, watch.due)
            if watch.event is not None:
                watch.event = event
                watch.template = template.text

    def _is_step_ahead(self, at: float) -> bool:
        """Tell whether the clock seems to have been set forward: about as far as it was set back before."""
        return 0.5 * self._set_back < at - self._now < 2.0 * self._set_back

    def _come_back(self, watch: Watch, at: float) -> None:
        """Take note that what was silent, or stopped in good order, is back; its parts begin to wait."""
        if watch.silence is not None:
            self._returned.append(Return(watch.silence, at))
            watch.silence = None
            if not watch.is_excused and watch.is_armed:  # what was forgotten meanwhile has no timeout
                watch.record.learn(watch.timeout)
        watch.is_excused = False
        self._wait_again(watch, at)

    def _judge(self, watch: Watch) -> None:
        self._tree.armed -= watch.is_armed
        self._tree.armed += watch.judge(self._log_rate(1))

    def _log_rate(self, more: int = 0) -> float:
        return _LOG_RATE - log(max(self._tree.armed + more, 1))

    def _queue(self, watch: Watch, due: float) -> None:
        if due < inf:
            self._pushed += 1
            watch.queued_at = due
            heappush(self._due, (due, self._pushed, watch))

    def _has_run_out(self, watch: Watch, moment: float) -> bool:
        """Tell whether the timeout of a watch ran out at this moment; if not, it is queued for when it will."""
        planned = max(self._planned.get(watch.name, -inf), self._planned.get(EVERYTHING, -inf))
        if planned > moment - watch.timeout:
            watch.floor = max(watch.floor, planned)
        if watch.due <= moment:
            # More may be watched than when the timeout was set, and the chance is shared out among more.
            watch.timeout = max(watch.timeout, watch.record.timeout(self._log_rate()))
            if not watch.record.is_regular:  # what is usual in the long run is no silence, whatever the rate is now
                watch.timeout = max(watch.timeout, watch.record.usual_s)
        if watch.due <= moment:
            return True
        self._queue(watch, watch.due)
        return False

    def _again_at(self, watch: Watch, silent: Watch, moment: float) -> float:
        """Return when to ask again whether it is silent: later, if its whole may be too or that long is usual of it."""
        if any(self._may_be_silent(whole, silent, moment) for whole in silent.wholes()):
            return moment + _AGAIN * watch.timeout
        return max(silent.last, silent.floor) + (0.0 if silent.record.is_regular else silent.record.usual_s)

    def _tell(self, watch: Watch, moment: float) -> Silence | None:
        """Say what is silent where this watch is; None where that has been said, or is no wonder."""
        if watch.is_excused or not self._tree.counts(watch):
            return None
        silent = watch
        for whole in watch.wholes():
            if whole.silence is not None or whole.is_excused:
                return None
            if self._is_silent_too(whole, watch, moment):
                silent = whole
        if all(part.is_excused for part in silent.parts.values() if part.parts and part.is_armed) and any(
            part.is_excused for part in silent.parts.values()
        ):
            return None
        if silent.is_line and any(_stopped_together(silent, other) for other in silent.siblings()):
            return None
        again_at = self._again_at(watch, silent, moment)
        if again_at > moment:
            self._queue(watch, again_at)
            return None
        rates = [one.log_rate(moment) for one in (watch, silent) if one.is_armed]
        silent.silence = Silence(
            service=silent.name,
            host=self._tree.told_host(silent),
            template=silent.line,
            since=max(silent.last, silent.fault_at),
            at=moment,
            usual_s=silent.record.usual_s,
            is_periodic=silent.record.is_regular,
            strength=-min(rates) - log(max(self._tree.armed, 1)),
            last=silent.seen,
            last_template=silent.template,
        )
        return silent.silence

    def _is_silent_too(self, whole: Watch, part: Watch, moment: float) -> bool:
        """Tell whether all of a whole is silent where a part of it is."""
        if not self._tree.counts(whole):
            return False
        if part.is_line and whole.is_service and whole.last - part.last <= RESOLUTION_S:
            return True  # it has said nothing since, whatever it is used to
        since = max(whole.last, whole.floor)
        if moment - since < LEAST_SILENCE_S:
            return False
        # Nobody was heard of since then: how likely is that by chance, where they are all there?
        by_chance = sum(
            part.log_share(moment) - part.log_share(since) for part in whole.parts.values() if part.is_expected
        )
        return by_chance <= _LOG_RATE or (whole.is_armed and whole.log_rate(moment) <= _UNUSUAL)

    def _may_be_silent(self, whole: Watch, part: Watch, moment: float) -> bool:
        """Tell whether nothing else of a whole was heard of since, and something else of it is to be expected soon."""
        since = max(part.last, part.fault_at)
        if whole.last - since > max(RESOLUTION_S, _AGAIN * part.timeout) or not self._tree.counts(whole):
            return False
        if whole.is_armed and moment < whole.due <= moment + part.timeout:
            return True
        late = (other.late_at for other in whole.parts.values() if other.is_expected and other is not part)
        return any(moment <= at <= moment + part.timeout for at in late)

    def _wait_again(self, watch: Watch, at: float) -> None:
        """Let all parts of a watch wait from now on."""
        for part in watch.below():
            part.floor = at
            if part.is_armed and part.queued_at == inf and part.silence is None and part.last > -inf:
                self._queue(part, part.due)

    def _restart(self, at: float) -> None:
        """Wait for nothing: the clock was set back to second `at`."""
        self._now = at
        self._due.clear()
        for watch in (self._tree.root, *self._tree.root.below()):
            watch.forget_wait()
            if watch.record.longest >= 0.5 * self._set_back:  # the clock's step ahead, most likely
                self._tree.armed -= watch.is_armed
                watch.begin_again()


def _stopped_together(line: Watch, other: Watch) -> bool:
    """Tell whether a line is missed with another one that has been told: one task often writes several."""
    if other.silence is None:
        return False
    return abs(other.last - line.last) <= max(2.0 * RESOLUTION_S, _TOGETHER * line.record.period)
