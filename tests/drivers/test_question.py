"""What may begin an answer to a question: every prefix of the right one, and nothing of another one."""

from hypothesis import given
from hypothesis import strategies as st

from roampost_drivers.line.question import READ_BITS, Question, rtu_length
from tests.drivers.slaves import crc, honest


@st.composite
def questions(draw: st.DrawFn) -> Question:
    unit, address = draw(st.integers(1, 247)), draw(st.integers(0, 1000))
    function = draw(st.sampled_from((1, 2, 3, 4, 5, 6, 16)))
    if function in (5, 6, 16):
        values = tuple(draw(st.lists(st.integers(0, 1 if function == 5 else 0xFFFF), min_size=1, max_size=20)))
        values = values if function == 16 else values[:1]
        return Question(unit, function, address, len(values), values)
    return Question(unit, function, address, draw(st.integers(1, 2000 if function in READ_BITS else 125)))


def request(question: Question) -> bytes:
    """The question on the wire, as the protocol's text has it."""
    last = {5: 0xFF00 * (question.values[:1] == (1,)), 6: question.values[0] if question.values else 0}
    word = last.get(question.function, question.count)
    return crc(
        bytes((question.unit, question.function)) + question.address.to_bytes(2, "big") + word.to_bytes(2, "big")
    )


@given(questions())
def test_every_beginning_of_the_right_answer_may_be_one(question: Question) -> None:
    answer = honest(request(question), lambda unit, function, address: address)
    assert {rtu_length(question, answer[:size]) for size in range(3, len(answer) + 1)} == {len(answer)}
    assert question.characters == len(answer) + (9 + 2 * question.count if question.function == 16 else 8)


@given(questions(), questions())
def test_the_answer_to_another_question_is_known_by_its_head(asked: Question, other: Question) -> None:
    answer = honest(request(other), lambda unit, function, address: address)
    same_head = answer[:3] == honest(request(asked), lambda unit, function, address: address)[:3]
    if (asked.unit, asked.function) != (other.unit, other.function) or not same_head:
        assert rtu_length(asked, answer[:3]) is None


@given(questions(), st.integers(1, 11))
def test_a_refusal_is_five_bytes_whatever_was_asked(question: Question, code: int) -> None:
    frame = crc(bytes((question.unit, question.function | 0x80, code)))
    assert rtu_length(question, frame) == len(frame)


@given(questions(), st.binary(min_size=1, max_size=300))
def test_no_bytes_bring_it_down(question: Question, data: bytes) -> None:
    length = rtu_length(question, data)
    assert length is None or len(data) <= length + 2
