"""Settings of where a process keeps its data, who reaches it, and whose word teaches it."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, StringConstraints
from pydantic_settings import BaseSettings

Origin = Annotated[str, StringConstraints(pattern=r"^https?://[^/\s]+$")]
Secret = Annotated[SecretStr, Field(min_length=16)]


class Access(BaseSettings):
    """The part of the settings that is about a data folder and about callers."""

    data_dir: Path = Field(
        Path(".ltrr"),
        description="Folder of this process: index, spool, worker locks; embedded also log and learned state.",
    )
    disk_reserve_mb: int = Field(
        64,
        ge=0,
        description="MB (10^6 bytes) that stay free on the disk of the data folder: with less, nothing is logged or"
        " learned and searches go on.",
    )
    log_retention_s: float | None = Field(
        30 * 86400.0, gt=0, description="Seconds after which the embedded log drops what is learned; `null` for never."
    )
    log_retention_mb: int | None = Field(10_000, gt=0, description="MB above which it drops the oldest; null for none.")
    host: str = Field("127.0.0.1", description="Address that `ltrr serve` listens on.")
    port: int = Field(8080, ge=0, le=65535, description="Port that `ltrr serve` listens on; 0 takes a free one.")
    keys: Path | None = Field(
        None,
        description="File of callers' keys, which query workers may share; in the data folder where absent. Where there"
        " is one, `ltrr serve` asks for keys.",
    )
    key: SecretStr | None = Field(None, description="Key that commands send to a running server.")
    origins: tuple[Origin, ...] = Field(
        (), description="Origins of pages that may call this service, such as https://shop.example (CORS)."
    )
    hosts: tuple[str, ...] = Field(
        (), description="Names besides this machine's own under which callers without a key reach this service."
    )
    proxies: int | None = Field(
        None,
        ge=0,
        description="Proxies that write `X-Forwarded-For` before this service: who sends no id is known by the address"
        " there, hashed, for a day. null where nobody is, since one server asks for all.",
    )
    open: bool = Field(
        default=False,
        description="Let `ltrr serve` listen beyond this machine without keys: whoever gets there may do all.",
    )
    secret: Secret | None = Field(
        None,
        description="Key that signs query ids, seals pages and names visitors, the same for all processes of an"
        " installation; made and kept in the data folder where it is not given. A process that has another than its"
        " data folder, or the others on Kafka, is refused, unless theirs is a former one here.",
    )
    former_secrets: tuple[Secret, ...] = Field(
        (),
        description="Secrets from before: what they signed and sealed holds. Visitors are named, embedded, by the one"
        " that the folder was made with, on Kafka by the last of these.",
    )
    visitor_searches: float = Field(
        30.0,
        ge=0,
        description="Searches of one visitor (user, client, session or address) that count in full at once, and again"
        " within each day, whatever is done on their pages; 0 for no bound.",
    )
    visitor_query_searches: float = Field(3.0, ge=0, description="The same for one query of a visitor.")
    foreign_pages: bool | None = Field(
        None,
        description="Whether pages in the log teach that no process of this installation has sealed; by itself only on"
        " Kafka, where no `LTRR_SECRET` tells them apart.",
    )

    @property
    def keys_path(self) -> Path:
        """Return the file of callers' keys."""
        return self.keys or self.data_dir / "keys.json"

    @property
    def audit_path(self) -> Path:
        """Return the file that operators' acts are noted in."""
        return self.data_dir / "audit.jsonl"
