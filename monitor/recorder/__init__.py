"""Recorder: two lines in a program that uses models, and the monitor hears of its calls.

    from monitor.recorder import record
    client = record(openai.OpenAI())

It runs in other people's programs: it imports the standard library alone, never touches a body,
never delays a stream, and never raises. docs/recorder.md is its page for users.
"""

from monitor.recorder.attribution import tagged
from monitor.recorder.clients import record
from monitor.recorder.courier import flush

__all__ = ["flush", "record", "tagged"]
