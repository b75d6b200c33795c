"""Imports: how far files were read into the ledger."""

from sqlalchemy.orm import Mapped, mapped_column

from monitor.storage.models.base import Base


class ImportRow(Base):
    """A file, by what stands for its content and for how its columns were read.

    Its first `rows` rows were taken or refused, and lie in the ledger as far as they were taken.
    """

    __tablename__ = "import_file"
    digest: Mapped[bytes] = mapped_column(primary_key=True)
    name: Mapped[str]
    rows: Mapped[int]
    bad: Mapped[int]
    is_whole: Mapped[bool]
    noted_ms: Mapped[int]
