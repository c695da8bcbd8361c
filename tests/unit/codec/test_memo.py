"""What is remembered of lines is bounded, whatever they hold."""

from shipper.agent.codec.memo import Memo


def test_a_part_is_worked_out_once_until_the_memo_is_full() -> None:
    asked: list[bytes] = []

    def work_out(part: bytes) -> int:
        asked.append(part)
        return len(part)

    memo = Memo(work_out, most=2)
    assert [memo[part] for part in (b"a", b"bb", b"a", b"ccc", b"a")] == [1, 2, 1, 3, 1]
    assert asked == [b"a", b"bb", b"ccc", b"a"]
    assert len(memo) == 2


def test_a_long_part_is_not_remembered() -> None:
    memo = Memo(len)
    assert memo[b"x" * 100_000] == 100_000
    assert not memo
