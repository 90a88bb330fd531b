"""Who is asked, and what becomes of a request whose actor dies; actors here are of this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack
from queue import Empty, SimpleQueue
from typing import Any

import pytest
from stopped_processes import wait_until

from hashmatch.cluster.service_checker import Call, Raised
from hashmatch.cluster.service_pool import CheckerPool
from hashmatch.errors import (
    ClusterError,
    HashmatchError,
    InputError,
    MediaAccessError,
    RecordError,
    ServiceBusyError,
    ShardUnavailableError,
)

exceptions = pytest.importorskip("ray.exceptions")
WAIT_S = 20.0


class Asked:
    """A question under way, which the test answers."""

    def __init__(self, actor: Actor, call: Any) -> None:
        self.actor = actor
        self.call = call
        self._reply: Future[Any] = Future()

    def future(self) -> Future[Any]:
        return self._reply

    def answer(self, value: object) -> None:
        self._reply.set_result(value)

    def die(self) -> None:
        self._reply.set_exception(exceptions.ActorDiedError())


class _Method:
    def __init__(self, actor: Actor, put: Callable[[Asked], None]) -> None:
        self._actor = actor
        self._put = put

    def remote(self, call: Any = None) -> Asked:
        asked = Asked(self._actor, call)
        self._put(asked)
        return asked


class Actor:
    """A handle; what it is asked stands in the queues."""

    def __init__(self, questions: SimpleQueue[Asked], starts: SimpleQueue[Asked]) -> None:
        self.ask = _Method(self, questions.put)
        self.ready = _Method(self, starts.put)


class World:
    """Actors, and what they are asked."""

    def __init__(self, actors: int) -> None:
        self.questions: SimpleQueue[Asked] = SimpleQueue()
        self.starts: SimpleQueue[Asked] = SimpleQueue()
        self.actors = [Actor(self.questions, self.starts) for _ in range(actors)]

    def next(self) -> Asked:
        return self.questions.get(timeout=WAIT_S)

    def none(self) -> bool:
        try:
            self.questions.get(timeout=0.1)
        except Empty:
            return True
        return False


Made = Callable[..., tuple[World, CheckerPool]]


@pytest.fixture
def made() -> Iterator[Made]:
    with ExitStack() as opened:

        def make(actors: int, **options: int) -> tuple[World, CheckerPool]:
            world = World(actors)
            chosen = {"per_checker": 1, "max_waiting": 2, "attempts": 3, **options}
            return world, opened.enter_context(CheckerPool(world.actors, **chosen))

        yield make


def call(number: int) -> Call:
    return Call("check_digests", (number,), {})


def outcome(answer: Future[Any]) -> Any:
    return answer.result(WAIT_S)


def number_of(asked: Asked) -> Any:
    return asked.call.arguments[0]


def test_requests_go_to_idle_actors_in_their_order(made: Made) -> None:
    world, pool = made(2, max_waiting=3)
    answers = [pool.submit(call(n), None) for n in range(5)]
    first, second = world.next(), world.next()
    assert {number_of(first), number_of(second)} == {0, 1}
    assert first.actor is not second.actor
    assert world.none()
    second.answer("b")
    third = world.next()
    assert (number_of(third), third.actor) == (2, second.actor)
    assert outcome(answers[number_of(second)]) == "b"
    assert not answers[number_of(first)].done()


def test_an_actor_is_given_requests_ahead(made: Made) -> None:
    world, pool = made(2, per_checker=2)
    for number in range(4):
        pool.submit(call(number), None)
    asked = [world.next() for _ in range(4)]
    assert [one.actor for one in asked].count(asked[0].actor) == 2
    assert asked[0].actor is not asked[1].actor


def test_a_full_service_refuses_or_waits(made: Made) -> None:
    world, pool = made(1, max_waiting=1)
    assert pool.capacity == 2
    answers = [pool.submit(call(n), 0) for n in range(2)]
    with pytest.raises(ServiceBusyError, match="has 2 requests"):
        pool.submit(call(2), 0)
    with pytest.raises(ServiceBusyError):
        pool.submit(call(2), 0.05)
    world.next().answer("done")
    assert outcome(answers[0]) == "done"
    pool.submit(call(3), WAIT_S)  # there is room again, and for one only
    with pytest.raises(ServiceBusyError):
        pool.submit(call(4), 0)


def test_a_request_whose_actor_died_is_asked_of_another(made: Made) -> None:
    world, pool = made(2)
    answer = pool.submit(call(1), None)
    first = world.next()
    first.die()
    again = world.next()
    assert (number_of(again), again.actor is first.actor) == (1, False)
    again.answer("right")
    assert outcome(answer) == "right"
    # The dead one is asked nothing before it says that it is ready.
    pool.submit(call(2), None)
    pool.submit(call(3), None)
    assert world.next().actor is again.actor
    assert world.none()
    world.starts.get(timeout=WAIT_S).answer(1)
    assert world.next().actor is first.actor


def test_it_waits_for_another_actor_that_is_busy(made: Made) -> None:
    world, pool = made(2)
    pool.submit(call(1), None)
    pool.submit(call(2), None)
    first, second = world.next(), world.next()
    first.die()
    world.starts.get(timeout=WAIT_S).answer(1)
    assert world.none()  # the first actor is ready, but has died over it
    second.answer("other")
    again = world.next()
    assert (number_of(again), again.actor) == (number_of(first), second.actor)


def test_a_request_that_kills_every_actor_fails_in_the_end(made: Made) -> None:
    world, pool = made(1, max_waiting=4)
    bad, good = pool.submit(call(1), None), pool.submit(call(2), None)
    for _ in range(3):
        asked = world.next()
        assert number_of(asked) == 1
        asked.die()
        world.starts.get(timeout=WAIT_S).answer(1)
    with pytest.raises(ClusterError, match="3 checkers died over the request"):
        bad.result(WAIT_S)
    world.next().answer("fine")
    assert outcome(good) == "fine"


def test_without_any_actor_requests_fail(made: Made) -> None:
    world, pool = made(1)
    answer = pool.submit(call(1), None)
    world.next().die()
    for _ in range(10):
        world.starts.get(timeout=WAIT_S).die()
    with pytest.raises(ClusterError, match="no checker can be started"):
        answer.result(WAIT_S)


def test_errors_of_a_checker_are_the_callers(made: Made) -> None:
    world, pool = made(1)
    answer = pool.submit(call(1), None)
    world.next().answer(Raised.of(InputError("value: expected another")))
    with pytest.raises(InputError, match="expected another"):
        answer.result(WAIT_S)
    broken = pool.submit(call(2), None)
    world.next().future().set_exception(MemoryError("too much"))
    with pytest.raises(ClusterError, match="check_digests failed: MemoryError"):
        broken.result(WAIT_S)
    worse = pool.submit(call(3), None)
    error = exceptions.RayTaskError("ask", "a long traceback", ValueError("a bug"))
    world.next().future().set_exception(error)
    with pytest.raises(ClusterError, match=r"check_digests failed: ValueError\('a bug'\)"):
        worse.result(WAIT_S)


def test_what_can_not_be_sent_fails_alone(made: Made) -> None:
    world, pool = made(1)

    def refuse(_: Asked) -> None:
        raise TypeError("can't be sent")

    world.actors[0].ask = _Method(world.actors[0], refuse)
    with pytest.raises(ClusterError, match="can't be sent"):
        pool.submit(call(1), None).result(WAIT_S)
    world.actors[0].ask = _Method(world.actors[0], world.questions.put)
    good = pool.submit(call(2), None)
    world.next().answer("fine")
    assert outcome(good) == "fine"


def test_a_closed_pool_answers_nobody(made: Made) -> None:
    world, pool = made(1)
    answers = [pool.submit(call(n), None) for n in range(2)]
    late = world.next()
    pool.close()
    for answer in answers:
        with pytest.raises(ClusterError, match="was closed"):
            answer.result(WAIT_S)
    late.answer("too late")
    with pytest.raises(ClusterError, match="is closed"):
        pool.submit(call(3), None)


def test_every_place_is_given_back(made: Made) -> None:
    world, pool = made(2, max_waiting=1, attempts=1)
    for round_ in range(20):
        answers = [pool.submit(call(n), 0) for n in range(pool.capacity)]
        for number in range(pool.capacity):
            asked = world.next()
            if (round_ + number) % 5:
                asked.answer(number)
            else:
                asked.die()
                world.starts.get(timeout=WAIT_S).answer(1)
        for answer in answers:
            assert answer.exception(WAIT_S) is None or isinstance(answer.exception(), ClusterError)
        wait_until(lambda: pool._room._value == pool.capacity)


@pytest.mark.parametrize(
    "error",
    [
        InputError("wrong"),
        MediaAccessError(2, "no such file"),
        RecordError("bad", position=3, field="md5"),
        ShardUnavailableError("gone", shard=4),
    ],
)
def test_an_error_arrives_as_it_was(error: HashmatchError) -> None:
    cloudpickle = pytest.importorskip("ray").cloudpickle
    arrived = cloudpickle.loads(cloudpickle.dumps(Raised.of(error))).error()
    assert type(arrived) is type(error)
    assert (str(arrived), arrived.args, vars(arrived)) == (str(error), error.args, vars(error))
