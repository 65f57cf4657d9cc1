"""The open incidents in the order of the queue, and incidents by what they touch, for who reads about a part.

The second is an inverted index, which PostgreSQL alone has; on SQLite the few incidents there are looked through.
"""

from django.db import migrations, models


def put_up(_apps, editor):
    if editor.connection.vendor == "postgresql":
        editor.execute("CREATE INDEX incident_touches ON incidents_incident USING gin (services)", None)


def take_down(_apps, editor):
    if editor.connection.vendor == "postgresql":
        editor.execute("DROP INDEX incident_touches", None)


class Migration(migrations.Migration):

    dependencies = [
        ('incidents', '0007_lists'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='incident',
            index=models.Index(condition=models.Q(('state__in', ['OPEN', 'ACKNOWLEDGED'])), fields=['severity', 'began_at'], name='incident_worst'),
        ),
        migrations.RunPython(put_up, take_down),
    ]
