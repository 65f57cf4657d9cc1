"""What was decided lately is found without sorting all that ever was."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("approvals", "0001_initial")]

    operations = [
        migrations.AddIndex(
            model_name="approvalrequest",
            index=models.Index(fields=["settled_at", "id"], name="request_settled"),
        ),
    ]
