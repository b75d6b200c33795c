"""The ledger and what is made of it.

Revision ID: 0001
Revises: nothing
"""

import sqlalchemy as sa
from alembic import op

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create every table."""
    op.create_table(
        "attribution",
        sa.Column("id", BIG, nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("project", sa.String(), nullable=False),
        sa.Column("app", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("attribution", schema=None) as batch_op:
        batch_op.create_index("attribution_key", ["team", "project", "app", "key"], unique=True)

    op.create_table(
        "endpoint",
        sa.Column("id", BIG, nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("target_id", BIG, nullable=True),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=True),
        sa.Column("family", sa.String(), nullable=True),
        sa.Column("model_name", sa.String(), nullable=True),
        sa.Column("base_url", sa.String(), nullable=False),
        sa.Column("flavour", sa.String(), nullable=False),
        sa.Column("key_alias", sa.String(), nullable=False),
        sa.Column("interval_ms", BIG, nullable=False),
        sa.Column("is_probed", sa.Boolean(), nullable=False),
        sa.Column("created_ms", BIG, nullable=False),
        sa.Column("retired_ms", BIG, nullable=True),
        sa.ForeignKeyConstraint(
            ["target_id"],
            ["endpoint.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("slug"),
    )
    with op.batch_alter_table("endpoint", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_endpoint_model"), ["model"], unique=False)

    op.create_table(
        "fact",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "gap",
        sa.Column("id", BIG, nullable=False),
        sa.Column("endpoint_id", BIG, nullable=False),
        sa.Column("at_ms", BIG, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("runs", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("gap", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_gap_at_ms"), ["at_ms"], unique=False)
        batch_op.create_index(batch_op.f("ix_gap_endpoint_id"), ["endpoint_id"], unique=False)

    op.create_table(
        "health_15m",
        sa.Column("bucket", BIG, nullable=False),
        sa.Column("endpoint_id", BIG, nullable=False),
        sa.Column("policy", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("in_maintenance", sa.Boolean(), nullable=False),
        sa.Column("ms", BIG, nullable=False),
        sa.PrimaryKeyConstraint("bucket", "endpoint_id", "policy", "state", "in_maintenance"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "health_day",
        sa.Column("day", BIG, nullable=False),
        sa.Column("endpoint_id", BIG, nullable=False),
        sa.Column("policy", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("in_maintenance", sa.Boolean(), nullable=False),
        sa.Column("ms", BIG, nullable=False),
        sa.PrimaryKeyConstraint("day", "endpoint_id", "policy", "state", "in_maintenance"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "latency_15m",
        sa.Column("bucket", BIG, nullable=False),
        sa.Column("endpoint_id", BIG, nullable=False),
        sa.Column("origin", sa.SmallInteger(), nullable=False),
        sa.Column("metric", sa.SmallInteger(), nullable=False),
        sa.Column("scheme", BIG, nullable=False),
        sa.Column("histogram", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", "endpoint_id", "origin", "metric"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "latency_day",
        sa.Column("day", BIG, nullable=False),
        sa.Column("endpoint_id", BIG, nullable=False),
        sa.Column("origin", sa.SmallInteger(), nullable=False),
        sa.Column("metric", sa.SmallInteger(), nullable=False),
        sa.Column("scheme", BIG, nullable=False),
        sa.Column("histogram", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("day", "endpoint_id", "origin", "metric"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "lease",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("pid", BIG, nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("acquired_ms", BIG, nullable=False),
        sa.Column("heartbeat_ms", BIG, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "quarantine",
        sa.Column("id", BIG, nullable=False),
        sa.Column("at_ms", BIG, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("call", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "usage_15m",
        sa.Column("bucket", BIG, nullable=False),
        sa.Column("endpoint_id", BIG, nullable=False),
        sa.Column("attribution_id", BIG, nullable=False),
        sa.Column("origin", sa.SmallInteger(), nullable=False),
        sa.Column("n", BIG, nullable=False),
        sa.Column("n_good", BIG, nullable=False),
        sa.Column("n_bad", BIG, nullable=False),
        sa.Column("n_excluded", BIG, nullable=False),
        sa.Column("n_local", BIG, nullable=False),
        sa.Column("n_wrong", BIG, nullable=False),
        sa.Column("n_measured", BIG, nullable=False),
        sa.Column("n_estimated", BIG, nullable=False),
        sa.Column("n_missing", BIG, nullable=False),
        sa.Column("n_reported", BIG, nullable=False),
        sa.Column("n_computed", BIG, nullable=False),
        sa.Column("n_unpriced", BIG, nullable=False),
        sa.Column("n_no_usage", BIG, nullable=False),
        sa.Column("input", BIG, nullable=False),
        sa.Column("cache_read", BIG, nullable=False),
        sa.Column("cache_write_5m", BIG, nullable=False),
        sa.Column("cache_write_1h", BIG, nullable=False),
        sa.Column("cache_write", BIG, nullable=False),
        sa.Column("output", BIG, nullable=False),
        sa.Column("reasoning", BIG, nullable=False),
        sa.Column("input_audio", BIG, nullable=False),
        sa.Column("cache_read_audio", BIG, nullable=False),
        sa.Column("output_audio", BIG, nullable=False),
        sa.Column("input_image", BIG, nullable=False),
        sa.Column("output_image", BIG, nullable=False),
        sa.Column("images", BIG, nullable=False),
        sa.Column("requests", BIG, nullable=False),
        sa.Column("searches", BIG, nullable=False),
        sa.Column("cost_nano_usd", BIG, nullable=False),
        sa.PrimaryKeyConstraint("bucket", "endpoint_id", "attribution_id", "origin"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "usage_day",
        sa.Column("day", BIG, nullable=False),
        sa.Column("endpoint_id", BIG, nullable=False),
        sa.Column("attribution_id", BIG, nullable=False),
        sa.Column("origin", sa.SmallInteger(), nullable=False),
        sa.Column("n", BIG, nullable=False),
        sa.Column("n_good", BIG, nullable=False),
        sa.Column("n_bad", BIG, nullable=False),
        sa.Column("n_excluded", BIG, nullable=False),
        sa.Column("n_local", BIG, nullable=False),
        sa.Column("n_wrong", BIG, nullable=False),
        sa.Column("n_measured", BIG, nullable=False),
        sa.Column("n_estimated", BIG, nullable=False),
        sa.Column("n_missing", BIG, nullable=False),
        sa.Column("n_reported", BIG, nullable=False),
        sa.Column("n_computed", BIG, nullable=False),
        sa.Column("n_unpriced", BIG, nullable=False),
        sa.Column("n_no_usage", BIG, nullable=False),
        sa.Column("input", BIG, nullable=False),
        sa.Column("cache_read", BIG, nullable=False),
        sa.Column("cache_write_5m", BIG, nullable=False),
        sa.Column("cache_write_1h", BIG, nullable=False),
        sa.Column("cache_write", BIG, nullable=False),
        sa.Column("output", BIG, nullable=False),
        sa.Column("reasoning", BIG, nullable=False),
        sa.Column("input_audio", BIG, nullable=False),
        sa.Column("cache_read_audio", BIG, nullable=False),
        sa.Column("output_audio", BIG, nullable=False),
        sa.Column("input_image", BIG, nullable=False),
        sa.Column("output_image", BIG, nullable=False),
        sa.Column("images", BIG, nullable=False),
        sa.Column("requests", BIG, nullable=False),
        sa.Column("searches", BIG, nullable=False),
        sa.Column("cost_nano_usd", BIG, nullable=False),
        sa.PrimaryKeyConstraint("day", "endpoint_id", "attribution_id", "origin"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "account",
        sa.Column("endpoint_id", BIG, nullable=False),
        sa.Column("failures", BIG, nullable=False),
        sa.Column("first_failed_ms", BIG, nullable=True),
        sa.Column("outcome", sa.SmallInteger(), nullable=True),
        sa.Column("has_incident", sa.Boolean(), nullable=False),
        sa.Column("last_ms", BIG, nullable=True),
        sa.ForeignKeyConstraint(
            ["endpoint_id"],
            ["endpoint.id"],
        ),
        sa.PrimaryKeyConstraint("endpoint_id"),
    )
    op.create_table(
        "health",
        sa.Column("endpoint_id", BIG, nullable=False),
        sa.Column("policy", sa.SmallInteger(), nullable=False),
        sa.Column("created_ms", BIG, nullable=False),
        sa.Column("settled_ms", BIG, nullable=False),
        sa.Column("since_ms", BIG, nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("last_tick_ms", BIG, nullable=True),
        sa.Column("gap_ms", BIG, nullable=False),
        sa.Column("is_interrupted", sa.Boolean(), nullable=False),
        sa.Column("first_failed_ms", BIG, nullable=True),
        sa.Column("failures", BIG, nullable=False),
        sa.Column("passes", BIG, nullable=False),
        sa.Column("first_pass_ms", BIG, nullable=True),
        sa.Column("has_incident", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["endpoint_id"],
            ["endpoint.id"],
        ),
        sa.PrimaryKeyConstraint("endpoint_id", "policy"),
    )
    op.create_table(
        "incident",
        sa.Column("id", BIG, nullable=False),
        sa.Column("endpoint_id", BIG, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("outcome", sa.SmallInteger(), nullable=False),
        sa.Column("started_ms", BIG, nullable=False),
        sa.Column("confirmed_ms", BIG, nullable=False),
        sa.Column("ended_ms", BIG, nullable=True),
        sa.Column("closed_ms", BIG, nullable=True),
        sa.Column("unobserved_ms", BIG, nullable=True),
        sa.Column("rule_version", BIG, nullable=False),
        sa.Column("call_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["endpoint_id"],
            ["endpoint.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.create_index(
            "incident_endpoint_started", ["endpoint_id", "started_ms"], unique=False
        )

    op.create_table(
        "price_list",
        sa.Column("id", BIG, nullable=False),
        sa.Column("endpoint_id", BIG, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("valid_from_ms", BIG, nullable=False),
        sa.Column("valid_to_ms", BIG, nullable=True),
        sa.Column("recorded_ms", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["endpoint_id"],
            ["endpoint.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("price_list", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_price_list_endpoint_id"), ["endpoint_id"], unique=False
        )

    op.create_table(
        "slice",
        sa.Column("endpoint_id", BIG, nullable=False),
        sa.Column("policy", sa.SmallInteger(), nullable=False),
        sa.Column("from_ms", BIG, nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["endpoint_id"],
            ["endpoint.id"],
        ),
        sa.PrimaryKeyConstraint("endpoint_id", "policy", "from_ms"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "call",
        sa.Column("id", BIG, nullable=False),
        sa.Column("endpoint_id", BIG, nullable=False),
        sa.Column("attribution_id", BIG, nullable=False),
        sa.Column("origin", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("outcome", sa.SmallInteger(), nullable=False),
        sa.Column("http_status", BIG, nullable=True),
        sa.Column("phase", sa.SmallInteger(), nullable=False),
        sa.Column("started_ms", BIG, nullable=False),
        sa.Column("ended_ms", BIG, nullable=False),
        sa.Column("recorded_ms", BIG, nullable=False),
        sa.Column("is_live", sa.Boolean(), nullable=False),
        sa.Column("gap_ms", BIG, nullable=False),
        sa.Column("ttft_us", BIG, nullable=True),
        sa.Column("total_us", BIG, nullable=True),
        sa.Column("usage_state", sa.SmallInteger(), nullable=False),
        sa.Column("cost_state", sa.SmallInteger(), nullable=False),
        sa.Column("cost_nano_usd", BIG, nullable=True),
        sa.Column("price_list_id", BIG, nullable=True),
        sa.Column("dedupe_key", sa.LargeBinary(), nullable=True),
        sa.Column("input", BIG, nullable=True),
        sa.Column("cache_read", BIG, nullable=True),
        sa.Column("cache_write_5m", BIG, nullable=True),
        sa.Column("cache_write_1h", BIG, nullable=True),
        sa.Column("cache_write", BIG, nullable=True),
        sa.Column("output", BIG, nullable=True),
        sa.Column("reasoning", BIG, nullable=True),
        sa.Column("input_audio", BIG, nullable=True),
        sa.Column("cache_read_audio", BIG, nullable=True),
        sa.Column("output_audio", BIG, nullable=True),
        sa.Column("input_image", BIG, nullable=True),
        sa.Column("output_image", BIG, nullable=True),
        sa.Column("images", BIG, nullable=True),
        sa.Column("requests", BIG, nullable=True),
        sa.Column("searches", BIG, nullable=True),
        sa.ForeignKeyConstraint(
            ["attribution_id"],
            ["attribution.id"],
        ),
        sa.ForeignKeyConstraint(
            ["endpoint_id"],
            ["endpoint.id"],
        ),
        sa.ForeignKeyConstraint(
            ["price_list_id"],
            ["price_list.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("call", schema=None) as batch_op:
        batch_op.create_index(
            "call_dedupe",
            ["dedupe_key"],
            unique=True,
            sqlite_where=sa.text("dedupe_key IS NOT NULL"),
            postgresql_where=sa.text("dedupe_key IS NOT NULL"),
        )
        batch_op.create_index("call_endpoint_started", ["endpoint_id", "started_ms"], unique=False)
        batch_op.create_index("call_started", ["started_ms"], unique=False)

    op.create_table(
        "outbox",
        sa.Column("id", BIG, nullable=False),
        sa.Column("incident_id", BIG, nullable=False),
        sa.Column("transition", sa.String(), nullable=False),
        sa.Column("created_ms", BIG, nullable=False),
        sa.Column("delivered_ms", BIG, nullable=True),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["incident.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index("outbox_once", ["incident_id", "transition"], unique=True)

    op.create_table(
        "price",
        sa.Column("id", BIG, nullable=False),
        sa.Column("price_list_id", BIG, nullable=False),
        sa.Column("leaf", sa.String(), nullable=False),
        sa.Column("pico_usd", BIG, nullable=False),
        sa.Column("above_input_tokens", BIG, nullable=False),
        sa.Column("from_minute", BIG, nullable=True),
        sa.Column("to_minute", BIG, nullable=True),
        sa.ForeignKeyConstraint(
            ["price_list_id"],
            ["price_list.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("price", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_price_price_list_id"), ["price_list_id"], unique=False)

    op.create_table(
        "call_detail",
        sa.Column("call_id", BIG, nullable=False),
        sa.Column("started_ms", BIG, nullable=False),
        sa.Column("connect_us", BIG, nullable=True),
        sa.Column("tls_us", BIG, nullable=True),
        sa.Column("first_byte_us", BIG, nullable=True),
        sa.Column("loop_lag_us", BIG, nullable=True),
        sa.Column("is_reused", sa.Boolean(), nullable=True),
        sa.Column("request_id", sa.String(), nullable=True),
        sa.Column("provider_code", sa.String(), nullable=True),
        sa.Column("finish_reason", sa.String(), nullable=True),
        sa.Column("served_model", sa.String(), nullable=True),
        sa.Column("excerpt", sa.String(), nullable=True),
        sa.Column("witness", sa.String(), nullable=True),
        sa.Column("retry_after_us", BIG, nullable=True),
        sa.Column("usage_reported", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["call_id"],
            ["call.id"],
        ),
        sa.PrimaryKeyConstraint("call_id"),
    )
    with op.batch_alter_table("call_detail", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_call_detail_started_ms"), ["started_ms"], unique=False)


def downgrade() -> None:
    """Drop every table."""
    with op.batch_alter_table("call_detail", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_call_detail_started_ms"))

    op.drop_table("call_detail")
    with op.batch_alter_table("price", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_price_price_list_id"))

    op.drop_table("price")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index("outbox_once")

    op.drop_table("outbox")
    with op.batch_alter_table("call", schema=None) as batch_op:
        batch_op.drop_index("call_started")
        batch_op.drop_index("call_endpoint_started")
        batch_op.drop_index(
            "call_dedupe",
            sqlite_where=sa.text("dedupe_key IS NOT NULL"),
            postgresql_where=sa.text("dedupe_key IS NOT NULL"),
        )

    op.drop_table("call")
    op.drop_table("slice")
    with op.batch_alter_table("price_list", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_price_list_endpoint_id"))

    op.drop_table("price_list")
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.drop_index("incident_endpoint_started")

    op.drop_table("incident")
    op.drop_table("health")
    op.drop_table("account")
    op.drop_table("usage_day")
    op.drop_table("usage_15m")
    op.drop_table("quarantine")
    op.drop_table("lease")
    op.drop_table("latency_day")
    op.drop_table("latency_15m")
    op.drop_table("health_day")
    op.drop_table("health_15m")
    with op.batch_alter_table("gap", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_gap_endpoint_id"))
        batch_op.drop_index(batch_op.f("ix_gap_at_ms"))

    op.drop_table("gap")
    op.drop_table("fact")
    with op.batch_alter_table("endpoint", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_endpoint_model"))

    op.drop_table("endpoint")
    with op.batch_alter_table("attribution", schema=None) as batch_op:
        batch_op.drop_index("attribution_key")

    op.drop_table("attribution")
