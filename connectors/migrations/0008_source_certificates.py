from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("connectors", "0007_webhooks"),
    ]

    operations = [
        migrations.AddField(
            model_name="source",
            name="certificates",
            field=models.JSONField(blank=True, default=list),
        ),
    ]
