"""The key that signs query ids."""

from pathlib import Path

import pytest

from ltrr.models.errors import InvalidSettings
from ltrr.serving.settings.settings import Settings
from ltrr.serving.settings.signing_key import OfAll, Secrets, of_all, reading_seals
from tests.serving.shop import SECRET, Shop

FIRST = "the first secret of this test"
SECOND = "the second one of this test"


def secrets_of(folder: Path, secret: str | None, *former: str) -> Secrets:
    """Return the secrets of a folder under these settings."""
    return Secrets(Settings(secret=secret, former_secrets=former), folder)  # type: ignore[arg-type]  # settings


def test_the_secret_is_kept_and_private(tmp_path: Path):
    """A made key outlives the process, so that its query ids do; only its owner may read it, and can set it instead."""
    with Shop(tmp_path, secret=None, entities=[]) as shop:
        query_id = shop.search()["query_id"]
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600
    body = {"query": "love night", "query_id": query_id}
    kept = (tmp_path / "secret").read_text()
    for given in ({"secret": None}, {"secret": kept}, {"secret": SECOND, "former_secrets": (kept,)}):
        with Shop(tmp_path, entities=[], **given) as shop:
            assert "not kept here any more" in shop.post("/v1/search", body).json()["detail"]
    (tmp_path / "secret").unlink()
    with Shop(tmp_path, secret=SECOND, entities=[]) as shop:
        assert "not issued here" in shop.post("/v1/search", body).json()["detail"]


def test_the_secret_makes_its_folder(tmp_path: Path):
    """What is the first to keep anything may have no data folder yet; it becomes its owner's alone."""
    held = secrets_of(tmp_path / "new" / "data", None)
    held.keep()
    assert held.held == ((tmp_path / "new" / "data" / "secret").read_bytes(),)
    assert (tmp_path / "new" / "data").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("secret", [None, SECRET])
def test_a_look_leaves_no_secret(tmp_path: Path, secret: str | None):
    """What is not logged needs none: the folder stays free to be made with the one that comes first."""
    with Shop(tmp_path, secret=secret, entities=[]) as shop:
        shop.get("/v1/policy")
        assert not list(tmp_path.glob("secret*"))
        shop.search()
    assert [path.name for path in tmp_path.glob("secret*")] == ["secret.fingerprint" if secret else "secret"]


def test_without_the_secret_of_a_folder_nothing_starts(tmp_path: Path):
    """Visitors would be renamed, and erasure find nobody: it is refused, and whoever comes back with it is known."""
    with Shop(tmp_path, secret=FIRST) as shop:
        name = shop.service.naming.visitors.name("ann")
        shop.click(shop.search(user_id="ann")["query_id"], "song-1")
    with pytest.raises(InvalidSettings, match="LTRR_SECRET, which is not set: set the same one"):
        Shop(tmp_path, secret=None, entities=[])
    with pytest.raises(InvalidSettings, match="or name it in LTRR_FORMER_SECRETS"):
        Shop(tmp_path, secret=SECOND, entities=[])
    assert [path.name for path in tmp_path.glob("secret*")] == ["secret.fingerprint"]
    assert FIRST not in (tmp_path / "secret.fingerprint").read_text()
    with Shop(tmp_path, secret=SECOND, former_secrets=(FIRST, "one that others named"), entities=[]) as shop:
        told = shop.post("/v1/privacy/delete", {"user_id": "ann"}).json()
        assert (told["user_id"], told["known"]) == (name, True)


def test_a_secret_beside_that_of_the_file_is_refused(tmp_path: Path):
    """Neither wins in silence: who leaves it out, names it as a former one, or removes the file, has said which."""
    made = secrets_of(tmp_path, None)
    made.keep()
    with pytest.raises(InvalidSettings, match="remove the file where LTRR_SECRET has named them"):
        secrets_of(tmp_path, FIRST)
    both = secrets_of(tmp_path, FIRST, made.held[0].decode())
    assert both.visitors.name("ann") == made.visitors.name("ann")
    (tmp_path / "secret").unlink()
    assert secrets_of(tmp_path, FIRST).visitors.name("ann") != made.visitors.name("ann")


def test_former_secrets_hold(tmp_path: Path):
    """After a change of secrets what was logged is learned again, where the former one is named."""
    with Shop(tmp_path, secret=FIRST) as shop:
        shop.click(shop.search()["query_id"], "song-1")
    (tmp_path / "state.bin").unlink()
    with Shop(tmp_path, secret=SECOND, former_secrets=(FIRST,), entities=[]) as shop:
        assert shop.service.fold().state.counts["impressions", "accepted"] == 1


def test_processes_on_kafka_tell_pages_by_a_secret_alone():
    """Without one all pages teach there, and that they shall not is refused; the data folder always has one."""
    kafka = {"kafka": "broker:9092"}
    assert reading_seals(Settings(**kafka)) is None  # type: ignore[arg-type]  # a setting
    assert reading_seals(Settings(**kafka, secret=SECRET)) is not None  # type: ignore[arg-type]  # a setting
    assert reading_seals(Settings(**kafka, secret=SECRET, foreign_pages=True)) is None  # type: ignore[arg-type]  # a setting
    with pytest.raises(InvalidSettings, match="needs LTRR_SECRET"):
        reading_seals(Settings(**kafka, foreign_pages=False))  # type: ignore[arg-type]  # a setting
    assert reading_seals(Settings()) is not None


def test_on_kafka_the_last_former_secret_names_visitors(tmp_path: Path):
    """There no folder is asked, and none keeps which secret it was made with: all processes have to agree."""
    settings = Settings(kafka="broker:9092", secret=SECOND, former_secrets=(FIRST,))  # type: ignore[arg-type]  # settings
    held = Secrets(settings, tmp_path)
    held.keep()
    assert list(tmp_path.iterdir()) == []
    assert held.visitors.name("ann") == secrets_of(tmp_path, FIRST).visitors.name("ann")


def on_kafka(secret: str | None, *former: str) -> Secrets:
    """Return the secrets of a process on Kafka under these settings."""
    return Secrets(Settings(kafka="broker:9092", secret=secret, former_secrets=former), None)  # type: ignore[arg-type]  # settings


def test_processes_on_kafka_are_held_to_one_secret():
    """The first puts its own on record; one that seals with a newer one replaces it, and all need both then."""
    first, both = on_kafka(FIRST), on_kafka(SECOND, FIRST)
    of_first = of_all(first, None, seals=False)
    assert of_first is not None
    assert OfAll.decode(of_first.encode()) == of_first
    assert FIRST not in of_first.encode().decode()
    assert of_all(first, of_first, seals=True) is None
    assert of_all(both, of_first, seals=False) is None, "who only reads has nothing to tell"
    of_both = of_all(both, of_first, seals=True)
    assert of_both is not None
    assert (of_both.names, of_both == of_first) == (of_first.names, False)
    assert of_all(both, of_both, seals=True) is None
    assert of_all(on_kafka(None), None, seals=True) is None


@pytest.mark.parametrize(
    ("held", "said"),
    [
        ((None,), "LTRR_SECRET is not set"),
        ((FIRST,), "not the secret of the other processes"),
        (("a third one that nobody knows",), "not the secret of the other processes"),
        ((SECOND,), "name visitors by another secret"),
        ((FIRST, SECOND), "name visitors by another secret"),
    ],
)
def test_another_secret_on_kafka_is_refused(held: tuple[str | None, ...], said: str):
    """One that cannot tell what others seal now, or names visitors otherwise; the message says how to begin anew."""
    on_record = of_all(on_kafka(SECOND, FIRST), None, seals=True)
    for seals in (True, False):
        with pytest.raises(InvalidSettings, match=said) as refused:
            of_all(on_kafka(*held), on_record, seals=seals)  # type: ignore[arg-type]  # a secret, and former ones
        assert "`ltrr topics secret`" in str(refused.value)
