"""What is told of something that may be away."""

from ltrr.models.outages import AGAIN_S, Outage


def test_an_outage_is_told_once_a_minute_and_its_end_once():
    """Sixty-five seconds of failures each second are two lines, and one that it is back."""
    outage = Outage("text", "searches go without it")
    told = [outage.failed("refused", 100.0 + second) for second in range(65)]
    assert [said for said in told if said] == [
        "refused; searches go without it",
        "refused (for 60 s now); searches go without it",
    ]
    assert outage.answered(165.0) == "text answers again, after 65 s"
    assert outage.answered(166.0) is None


def test_what_never_failed_is_not_back():
    """An answer alone is nothing to tell."""
    assert Outage("text", "").answered(1.0) is None


def test_what_comes_and_goes_is_told_once_a_minute():
    """Failures between answers are told a minute later at the earliest, and ends of those alone that were told."""
    outage = Outage("text", "waits")
    told = []
    for second in range(0, 120, 2):
        told += [outage.failed("late", float(second)), outage.answered(second + 1.0)]
    said = [one for one in told if one]
    assert said == ["late; waits", "text answers again, after 1 s"] * 2
    assert outage.failed("late", 2 * AGAIN_S)
