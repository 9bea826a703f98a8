from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("members", "0002_retention")]

    operations = [
        migrations.AddField(
            model_name="district",
            name="authority",
            field=models.CharField(
                default="",
                help_text="Name und Anschrift. Bei ihr kann sich beschweren, wer mit uns nicht einig wird.",
                max_length=200,
                verbose_name="Aufsichtsbehörde für den Datenschutz",
            ),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="district",
            name="data_protection",
            field=models.CharField(
                help_text="Mit E-Mail oder Telefon: Steht auf jeder Seite zum Datenschutz.",
                max_length=200,
                verbose_name="Datenschutzbeauftragte:r",
            ),
        ),
    ]
