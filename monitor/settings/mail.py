"""Mail of a settings file: who gets mails, and by which server."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field, PlainValidator, WithJsonSchema

from monitor.domain.channels import Mailbox, Security
from monitor.domain.secrets import Secret
from monitor.settings.base import TEXT_SCHEMA, Shape, Text, Whole

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}")
_HOST = re.compile(r"[A-Za-z0-9._:-]{1,253}")
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})
_PORTS = {Security.TLS: 465, Security.STARTTLS: 587, Security.NONE: 25}
_MAX_PORT = 65_535


def read_address(value: str) -> str:
    """A bare mail address."""
    if not _ADDRESS.fullmatch(value):
        raise ValueError("is no mail address; write it like ops@example.com, without a name")
    return value


def read_host(value: str) -> str:
    """The name or number of a mail server."""
    if not _HOST.fullmatch(value):
        raise ValueError("is no host; write it like smtp.example.com, and the port under `port`")
    return value


def read_password(value: object) -> Secret:
    """What somebody logs in with; some services write theirs with blanks."""
    text = str(value).strip() if isinstance(value, str | int) else ""
    if not text or not text.isascii() or not text.isprintable():
        raise ValueError("is empty or not ASCII; refer to a variable, like ${SMTP_PASSWORD}")
    return Secret(text)


MailAddress = Annotated[Text, AfterValidator(read_address)]
Password = Annotated[Secret, PlainValidator(read_password), WithJsonSchema(TEXT_SCHEMA)]


class MailShape(Shape):
    """Who gets mails, and by which server."""

    to: tuple[MailAddress, ...] = Field(description="Addresses that get each message.")
    from_: MailAddress = Field(alias="from", description="The address that it comes from.")
    host: Annotated[Text, AfterValidator(read_host)] = Field(
        description="The mail server: smtp.example.com."
    )
    port: Whole | None = Field(
        None, ge=1, le=_MAX_PORT, description="Its port; else 587, 465 with tls, 25 with none."
    )
    security: Security = Field(
        Security.STARTTLS, description="starttls, tls (from the first byte) or none."
    )
    user: Text | None = Field(None, description="Who logs in there; without it nobody does.")
    password: Password | None = Field(None, description="${SMTP_PASSWORD}.")

    @property
    def fault(self) -> tuple[str, str] | None:
        """The key that does not go with the others, and why."""
        if not self.to:
            return "to", "names nobody; add an address"
        if (self.user is None) != (self.password is None):
            key = "user" if self.user is None else "password"
            return key, "is missing; whoever logs in needs both user and password"
        is_open = self.security is Security.NONE and self.host not in _HERE
        if self.password is not None and is_open:
            return "security", "none would show the password to the network; write starttls or tls"
        return None


def build_mailbox(shape: MailShape) -> Mailbox:
    """What the shape of mail comes to."""
    port = shape.port or _PORTS[shape.security]
    return Mailbox(
        shape.host, port, shape.security, shape.from_, shape.to, shape.user, shape.password
    )
