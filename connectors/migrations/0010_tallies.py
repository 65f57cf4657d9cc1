"""Deliveries counted by source and span; those that were read before are counted once, here."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import django.db.models.deletion
from django.db import migrations, models

SPAN = timedelta(minutes=10)
BEGIN = datetime.min.replace(tzinfo=UTC)
UNCLASSIFIED = "recorded as unclassified"


def count(apps, _editor):
    """As `connectors.tallies` does it from now on."""
    tally = apps.get_model("connectors", "Tally")
    read = apps.get_model("connectors", "Delivery").objects.exclude(state="WAITING").order_by("id")
    counts, dead, unclassified = Counter(), Counter(), Counter()
    for source, at, state, warnings in read.values_list("source", "received_at", "state", "warnings").iterator():
        key = (source, at - (at - BEGIN) % SPAN)
        counts[key] += 1
        dead[key] += state == "DEAD"
        unclassified[key] += any(UNCLASSIFIED in str(warning) for warning in warnings)
    rows = (
        tally(source_id=source, at=at, count=number, dead=dead[source, at], unclassified=unclassified[source, at])
        for (source, at), number in counts.items()
    )
    tally.objects.bulk_create(rows, batch_size=1000)


class Migration(migrations.Migration):
    dependencies = [("connectors", "0009_service_import")]

    operations = [
        migrations.CreateModel(
            name="Tally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("count", models.PositiveIntegerField(default=0)),
                ("dead", models.PositiveIntegerField(default=0)),
                ("unclassified", models.PositiveIntegerField(default=0)),
                (
                    "source",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tallies",
                        to="connectors.source",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("source", "at"), name="one_tally_a_span")],
            },
        ),
        migrations.RunPython(count, migrations.RunPython.noop),
    ]
