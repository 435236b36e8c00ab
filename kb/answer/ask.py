"""The one answer door: safety, then a standard answer, a question back, quoted sources or a referral.

Pages, API, command line and evaluation call ``AskService.ask``. Order: danger is looked for before anything
else; the message is read in its conversation; the calibrated matching gives an answer, offers choices, or
leaves it; then provisions, guides and cases are quoted where the search results are good enough; else it is
said where to ask. Nothing leaves unverified.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from kb.answer.ask_fallback import Fallback
from kb.answer.ask_matching import MatcherKeeper
from kb.answer.ask_reading import Chosen, answer_choice, read_ask, read_choices, unknown_choice
from kb.answer.ask_shelf import PublishedAnswer, PublishedAnswers
from kb.answer.ask_standard import Draft, draft_answer, keep_about, keep_slots, require_known
from kb.answer.ask_turns import Understood, understand
from kb.answer.conversation import NEW, Conversation, TokenMaker, Turn
from kb.answer.matching import Decision, Match, Matcher
from kb.answer.refer import guess_topic, say_referral
from kb.answer.rephrase import LABEL, Rephraser
from kb.answer.rest_days import RestDays
from kb.answer.safety import Danger, find_danger, say_safety
from kb.answer.safety_watch import Watch
from kb.answer.scope import Scope, is_readable, judge_scope
from kb.answer.verifier import Verified, verify_reply
from kb.answer.wording_reply import write_reply
from kb.clock import today
from kb.domain.answers import RiskClass
from kb.domain.ask import (
    DISCLAIMER,
    SAMPLE_NOTICE,
    AskBack,
    Asked,
    AskReply,
    AskRequest,
    NamedLink,
    NextAnswer,
    OfferedChoice,
    Origin,
    Segment,
    SegmentKind,
)
from kb.errors import NotFoundError

log = logging.getLogger(__name__)

MAX_NEXT = 3
MIN_NEXT_SHARE = 0.02
PRESSING = "这类事情有期限，过期会影响权利，请尽快确认。"
SUSPECTED = (
    "如果您或者身边的人现在有危险，请先拨打110或者120；心里难受、撑不住的，可以拨打12356，随时有人接听。"
)
WITHDRAWN = "原有的答复依据有变化，正在复核，暂不提供。"
_NO_CHANCE = None


@dataclass(frozen=True)
class Parts:
    """What the door is made of; built once by the composition root.

    ``generation`` names the index that serves, empty when none does. ``record`` hears of every reply.
    """

    shelf: PublishedAnswers
    keeper: MatcherKeeper
    fallback: Fallback
    tokens: TokenMaker
    rest_days: RestDays
    generation: Callable[[], str]
    rephraser: Rephraser | None = None
    watch: Watch = find_danger
    clock: Callable[[], float] = time.time
    record: Callable[[AskRequest, AskReply], None] | None = None


@dataclass(frozen=True)
class _Question:
    """A request on its way: everything that was found out about it."""

    request: AskRequest
    as_of: dt.date
    danger: Danger
    published: dict[str, PublishedAnswer]
    matcher: Matcher
    understood: Understood
    match: Match | None


class AskService:
    """Answers questions over the published answers and the index; safe to call from several threads."""

    def __init__(self, parts: Parts) -> None:
        """Nothing is loaded before the first question, or ``prepare``."""
        self._parts = parts

    def prepare(self) -> None:
        """Make the matcher now instead of at the first question; takes seconds the first time."""
        self._parts.keeper.current(self._parts.shelf.published(today()))

    def ask(self, request: AskRequest) -> Asked:
        """Answer one question.

        Raises BadInputError as ``ask_reading.read_ask`` does; NotFoundError ``conversation_invalid``,
        ``conversation_expired``, ``choice_unknown``.
        """
        asked = self.try_out(request)
        if self._parts.record is not None and not asked.private:
            try:
                self._parts.record(request, asked.reply)
            except Exception:  # the person has an answer, whatever becomes of our books
                log.exception("a reply could not be recorded")
        return asked

    def try_out(self, request: AskRequest) -> Asked:
        """As ``ask``, for questions that nobody asked: nothing is recorded."""
        started = time.perf_counter()
        question = read_ask(request)
        now = self._parts.clock()
        as_of = request.as_of or today()
        danger = self._parts.watch(request.text)
        if danger and not danger.asks_law:
            reply = self._finish(request, as_of, danger, Draft(Origin.SAFETY, ()))
            return Asked(_whole(reply), "", _since(started), private=True)
        published = {one.answer.id: one for one in self._parts.shelf.published(as_of)}
        try:
            chosen = _read_chosen(request.choices, published)
            conversation = self._parts.tokens.read(request.conversation, now)
        except NotFoundError:
            if not danger:
                raise
            chosen, conversation = Chosen(), NEW  # nobody in danger is sent back for a better token
        matcher = self._parts.keeper.current(tuple(published.values()))
        answers = {id_: one.answer for id_, one in published.items() if one.servable}
        understood = understand(question, chosen, conversation, answers, matcher.match, as_of)
        read = _Question(request, as_of, danger, published, matcher, understood, understood.match)
        reply, turn = self._answer(read)
        if danger:
            return Asked(reply, "", _since(started), private=True)
        kept = conversation if understood.answer or understood.note else NEW
        turn = replace(turn, said=question)
        return Asked(reply, self._remember(kept, turn, now), _since(started), private=danger.suspected)

    def _answer(self, read: _Question) -> tuple[AskReply, Turn]:
        understood = read.understood
        if understood.answer:
            return self._give(read, understood.answer, None)
        scope = judge_scope(understood.question)
        if scope is not Scope.LAW or not is_readable(understood.question):
            return self._refer(read, scope if scope is not Scope.LAW else Scope.TASK)
        match = understood.match or read.matcher.match(understood.question)
        read = replace(read, match=match)
        best = match.best
        if match.decision is Decision.GIVE and best is not None and _servable(read, best.id):
            return self._give(read, best.id, match.right_chance)
        withdrawn = match.decision is Decision.GIVE  # and the one that fits is not to be given
        offered = [one.id for one in match.offered if _servable(read, one.id)]
        if match.decision is Decision.OFFER and len(offered) > 1:
            return self._clarify(read, offered, match.offered_chance)
        if read.danger:
            return self._only_safety(read)
        return self._compose(read, match, (WITHDRAWN,) if withdrawn else ())

    # -- outcomes ------------------------------------------------------------------------------------

    def _give(self, read: _Question, answer_id: str, chance: float | None) -> tuple[AskReply, Turn]:
        published = read.published[answer_id]
        understood = read.understood
        if not published.servable:
            return self._refer(read, Scope.LAW, (WITHDRAWN,))
        draft = draft_answer(
            published,
            understood.facts,
            understood.texts,
            read.as_of,
            read.request.channel,
            self._parts.rest_days,
        )
        if understood.slots:
            draft = keep_slots(draft, understood.slots, published)
        elif understood.about:
            narrowed = keep_about(draft, understood.about, self._parts.keeper.tokeniser)
            if narrowed is None and read.match is not None:
                return self._beside(read, answer_id)
            draft = narrowed or draft
        reply = self._finish(read.request, read.as_of, read.danger, draft, published, chance, read)
        if reply is None:
            return self._refer(read, Scope.LAW, (WITHDRAWN,))
        text = understood.base or understood.question
        turn = Turn(
            text,
            answer=answer_id,
            topic=published.answer.topic,
            facts=draft.facts,
            gate=draft.gate,
            offered=draft.offered,
        )
        return reply, turn

    def _beside(self, read: _Question, answer_id: str) -> tuple[AskReply, Turn]:
        """A condition of which the answer before says nothing: choices near it, else the sources."""
        match = read.match
        assert match is not None, "checked by the caller"
        facts = read.understood.facts
        read = replace(read, understood=replace(read.understood, answer="", about=""))
        offered = [one.id for one in match.offered if _servable(read, one.id)]
        if match.decision is not Decision.LEAVE and len(offered) > 1:
            reply, turn = self._clarify(read, offered, match.offered_chance)
        else:
            reply, turn = self._compose(read, match)
        # What is asked next may still be about the answer before.
        topic = read.published[answer_id].answer.topic
        return reply, replace(turn, answer=answer_id, topic=topic, facts=facts)

    def _clarify(self, read: _Question, offered: Sequence[str], chance: float) -> tuple[AskReply, Turn]:
        answers = [read.published[id_].answer for id_ in offered]
        back = AskBack(
            "您问的是哪一件事？", tuple(OfferedChoice(answer_choice(one.id), one.title) for one in answers)
        )
        pressing = any(one.risk is RiskClass.TIME_CRITICAL for one in answers)
        segments = (Segment(SegmentKind.NOTE, PRESSING),) if pressing else ()
        draft = Draft(Origin.CLARIFY, segments, ask_back=back, offered=tuple(offered))
        reply = self._finish(read.request, read.as_of, read.danger, draft, None, chance, read)
        topics = {one.topic for one in answers}
        topic = topics.pop() if len(topics) == 1 else ""
        text = read.understood.base or read.understood.question
        return _whole(reply), Turn(text, topic=topic, offered=tuple(offered))

    def _compose(self, read: _Question, match: Match, notices: tuple[str, ...] = ()) -> tuple[AskReply, Turn]:
        question = read.understood.question
        signals = match.signals or read.matcher.measure(question)
        composed = self._parts.fallback.compose(
            question, read.as_of, read.request.region, signals, read.matcher.model, read.matcher.weigh
        )
        topic = guess_topic(question, [(one.topic, one.share) for one in match.candidates])
        if not composed.segments:
            return self._refer(read, Scope.LAW, (*notices, *composed.notices))
        segments = (*composed.segments, *say_referral(topic)[1:2])
        draft = Draft(Origin.COMPOSED, segments, composed.citations, notices=(*notices, *composed.notices))
        reply = self._finish(read.request, read.as_of, read.danger, draft, None, composed.chance, read)
        reply = replace(_whole(reply), topic=topic, guides=composed.guides, cases=composed.cases)
        if not any(one.sources for one in reply.segments):
            return self._refer(read, Scope.LAW, notices)
        return self._reworded(reply, read), Turn(read.understood.base or question, topic=topic)

    def _refer(self, read: _Question, scope: Scope, notices: tuple[str, ...] = ()) -> tuple[AskReply, Turn]:
        question = read.understood.question
        near = read.match.candidates if read.match is not None else ()
        topic = guess_topic(question, [(one.topic, one.share) for one in near]) if scope is Scope.LAW else ""
        draft = Draft(Origin.REFERRED, say_referral(topic, scope), notices=notices)
        reply = self._finish(read.request, read.as_of, read.danger, draft, None, None, read)
        return replace(_whole(reply), topic=topic), Turn(read.understood.base or question, topic=topic)

    def _only_safety(self, read: _Question) -> tuple[AskReply, Turn]:
        draft = Draft(Origin.SAFETY, ())
        reply = self._finish(read.request, read.as_of, read.danger, draft)
        return _whole(reply), Turn("")

    # -- the last steps --------------------------------------------------------------------------------

    def _finish(
        self,
        request: AskRequest,
        as_of: dt.date,
        danger: Danger,
        draft: Draft,
        published: PublishedAnswer | None = None,
        chance: float | None = None,
        read: _Question | None = None,
    ) -> AskReply | None:
        """Verify, word and put together; None when something essential of an answer was refused."""
        ended = self._parts.fallback.ended(draft.citations, as_of)
        checked: Verified = verify_reply(draft.segments, draft.citations, draft.sources, as_of, ended)
        if published is not None and not checked.whole:
            log.error("answer %s was refused: %s", published.answer.id, checked.refused)
            return None
        safety = say_safety(danger) if danger else ()
        if danger.suspected:
            safety = (Segment(SegmentKind.NOTE, SUSPECTED),)
        segments = (*safety, *checked.segments)
        answer = published.answer if published is not None else None
        reviewed = published.reviewed if published is not None else False
        notices = tuple(dict.fromkeys((*draft.notices, *self._parts.fallback.notices())))
        sample = [SAMPLE_NOTICE] if answer is not None and not reviewed else []
        rendering = write_reply(
            request.channel,
            segments,
            checked.citations,
            draft.ask_back,
            draft.retold,
            [*notices, *sample, DISCLAIMER],
        )
        return AskReply(
            origin=draft.origin,
            channel=request.channel,
            as_of=as_of,
            generation=self._parts.generation(),
            segments=segments,
            rendering=rendering,
            citations=checked.citations,
            safety=bool(danger),
            answer_id=answer.id if answer is not None else "",
            revision=published.revision if published is not None else 0,
            title=answer.title if answer is not None else "",
            topic=answer.topic if answer is not None else "",
            risk=answer.risk.value if answer is not None else "",
            confidence=None if chance is None else round(chance, 3),
            ask_back=draft.ask_back,
            facts=draft.fact_labels,
            understood_as=read.understood.note if read is not None else "",
            next_answers=_next_answers(read, answer.id) if read is not None and answer is not None else (),
            transfer=answer.transfer if answer is not None else "",
            guides=self._parts.fallback.link(answer.guides) if answer is not None else (),
            cases=self._parts.fallback.link(answer.cases) if answer is not None else (),
            reviewed=reviewed,
            notices=(*notices, *sample),
        )

    def _reworded(self, reply: AskReply, read: _Question) -> AskReply:
        """With a model's words where one is set and what it says passes; never where there is danger."""
        if self._parts.rephraser is None or read.danger:
            return reply
        worded = self._parts.rephraser.rephrase([one for one in reply.segments if one.sources])
        if worded is None:
            return reply
        return replace(reply, rendering=f"{LABEL}\n{worded}\n\n{reply.rendering}", ai_worded=True)

    def _remember(self, conversation: Conversation, turn: Turn, now: float) -> str:
        return self._parts.tokens.write(conversation.add(turn), now) if turn.text else ""


def _read_chosen(choices: Sequence[str], published: Mapping[str, PublishedAnswer]) -> Chosen:
    """What was chosen, checked against what is published; raises NotFoundError ``choice_unknown``."""
    chosen = read_choices(choices)
    if chosen.answer:
        if chosen.answer not in published:
            raise unknown_choice()
        require_known(published[chosen.answer].answer, chosen.facts)
    return chosen


def _servable(read: _Question, answer_id: str) -> bool:
    published = read.published.get(answer_id)
    return published is not None and published.servable


def _next_answers(read: _Question, given: str) -> tuple[NextAnswer, ...]:
    """Other answers that the matching found near."""
    near = read.match.candidates if read.match is not None else ()
    wanted = [
        one.id for one in near if one.id != given and one.share >= MIN_NEXT_SHARE and _servable(read, one.id)
    ]
    return tuple(
        NextAnswer(id_, read.published[id_].answer.title, answer_choice(id_)) for id_ in wanted[:MAX_NEXT]
    )


def _whole(reply: AskReply | None) -> AskReply:
    assert reply is not None, "only standard answers are refused whole"
    return reply


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 2)


__all__ = ["AskService", "NamedLink", "Parts", "Segment"]
