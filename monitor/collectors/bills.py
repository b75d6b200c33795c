"""Bills: the collector of each kind."""

from collections.abc import Mapping

from monitor.collectors import anthropic_org, openai_org, openrouter_activity
from monitor.collectors.billing import Collector
from monitor.domain.bills import BillKind

COLLECTORS: Mapping[BillKind, Collector] = {
    BillKind.OPENAI_ORG: openai_org.COLLECTOR,
    BillKind.ANTHROPIC_ORG: anthropic_org.COLLECTOR,
    BillKind.OPENROUTER: openrouter_activity.COLLECTOR,
}
