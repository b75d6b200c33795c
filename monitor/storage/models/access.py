"""Access: who may use the monitor's own API."""

from sqlalchemy.orm import Mapped, mapped_column

from monitor.storage.models.base import Base


class TokenRow(Base):
    """An API token, by the hash that stands for it; the empty string is no attribution."""

    __tablename__ = "api_token"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    scopes: Mapped[str]
    digest: Mapped[bytes] = mapped_column(unique=True)
    beginning: Mapped[str]
    created_ms: Mapped[int]
    expires_ms: Mapped[int | None]
    revoked_ms: Mapped[int | None]
    last_used_ms: Mapped[int | None]
    team: Mapped[str]
    project: Mapped[str]
    app: Mapped[str]
    key: Mapped[str]
