import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Leftover',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('path', models.TextField(unique=True)),
            ],
        ),
        migrations.CreateModel(
            name='Tag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100)),
                ('hidden', models.BooleanField(default=False)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tags', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': (django.db.models.functions.text.Lower('name'),),
            },
        ),
        migrations.CreateModel(
            name='Shelf',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('revision', models.PositiveBigIntegerField(default=1)),
                ('changed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('owner', models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='shelf', to=settings.AUTH_USER_MODEL)),
                ('tag', models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='shelf', to='library.tag')),
            ],
        ),
        migrations.CreateModel(
            name='Tagging',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('added_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('tag', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='taggings', to='library.tag')),
            ],
        ),
        migrations.CreateModel(
            name='Video',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('title', models.TextField()),
                ('description', models.TextField(blank=True)),
                ('channel', models.CharField(blank=True, max_length=200)),
                ('channel_url', models.TextField(blank=True)),
                ('url', models.TextField()),
                ('webpage_url', models.TextField(blank=True)),
                ('extractor', models.CharField(blank=True, max_length=100)),
                ('extractor_id', models.CharField(blank=True, max_length=500)),
                ('language', models.CharField(blank=True, max_length=35)),
                ('duration', models.FloatField(blank=True, null=True)),
                ('published_at', models.DateTimeField(blank=True, null=True)),
                ('added_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('chapters', models.JSONField(blank=True, default=list)),
                ('has_video', models.BooleanField(default=False)),
                ('has_audio', models.BooleanField(default=False)),
                ('size', models.BigIntegerField(default=0)),
                ('hidden', models.BooleanField(default=False, editable=False)),
                ('tag_text', models.TextField(blank=True, default='', editable=False)),
                ('sort_title', models.GeneratedField(db_persist=True, expression=django.db.models.functions.text.Lower(django.db.models.functions.text.Left('title', 100)), output_field=models.CharField(max_length=400))),
                ('sort_duration', models.GeneratedField(db_persist=True, expression=models.Case(models.When(duration__isnull=True, then=0.0), default='duration'), output_field=models.FloatField())),
                ('length', models.GeneratedField(db_persist=True, expression=models.Case(models.When(duration__isnull=True, then=models.Value('')), models.When(duration__lt=240, then=models.Value('short')), models.When(duration__lt=1200, then=models.Value('medium')), default=models.Value('long')), output_field=models.CharField(choices=[('', 'Unknown'), ('short', 'Short'), ('medium', 'Medium'), ('long', 'Long')], max_length=6))),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='videos', to=settings.AUTH_USER_MODEL)),
                ('tags', models.ManyToManyField(blank=True, related_name='videos', through='library.Tagging', to='library.tag')),
            ],
            options={
                'ordering': ('-added_at', '-id'),
            },
        ),
        migrations.AddField(
            model_name='tagging',
            name='video',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='taggings', to='library.video'),
        ),
        migrations.CreateModel(
            name='MediaFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('video', 'Video'), ('audio', 'Audio'), ('thumbnail', 'Thumbnail'), ('subtitle', 'Subtitle'), ('info', 'Info')], max_length=10)),
                ('path', models.TextField(unique=True)),
                ('size', models.BigIntegerField()),
                ('mime', models.CharField(max_length=100)),
                ('duration', models.FloatField(blank=True, null=True)),
                ('width', models.PositiveIntegerField(blank=True, null=True)),
                ('height', models.PositiveIntegerField(blank=True, null=True)),
                ('language', models.CharField(blank=True, max_length=35)),
                ('label', models.CharField(blank=True, max_length=200)),
                ('codecs', models.CharField(blank=True, max_length=100)),
                ('derived', models.BooleanField(default=False)),
                ('podcast_ready', models.GeneratedField(db_persist=True, expression=models.Case(models.When(codecs__in=('h264', 'h264,aac'), mime='video/mp4', then=models.Value(True)), models.When(codecs__in=('aac',), mime='audio/mp4', then=models.Value(True)), models.When(codecs__in=('mp3',), mime='audio/mpeg', then=models.Value(True)), default=models.Value(False)), output_field=models.BooleanField())),
                ('video', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='files', to='library.video')),
            ],
            options={
                'ordering': ('id',),
            },
        ),
        migrations.AddConstraint(
            model_name='tag',
            constraint=models.UniqueConstraint(models.F('owner'), django.db.models.functions.text.Lower('name'), name='one_tag_of_a_name'),
        ),
        migrations.AddConstraint(
            model_name='tag',
            constraint=models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='tag_has_a_name'),
        ),
        migrations.AddIndex(
            model_name='video',
            index=models.Index(fields=['owner', '-added_at', '-id'], name='video_newest_first'),
        ),
        migrations.AddIndex(
            model_name='video',
            index=models.Index(condition=models.Q(('hidden', False)), fields=['owner', '-added_at', '-id'], name='video_newest_shown'),
        ),
        migrations.AddIndex(
            model_name='video',
            index=models.Index(fields=['owner', 'sort_title', 'id'], name='video_by_title'),
        ),
        migrations.AddIndex(
            model_name='video',
            index=models.Index(fields=['owner', '-sort_duration', '-id'], name='video_by_duration'),
        ),
        migrations.AddIndex(
            model_name='video',
            index=models.Index(fields=['owner', '-size', '-id'], name='video_by_size'),
        ),
        migrations.AddIndex(
            model_name='video',
            index=models.Index(fields=['owner', 'channel', '-added_at', '-id'], name='video_of_channel'),
        ),
        migrations.AddIndex(
            model_name='video',
            index=models.Index(fields=['owner', 'length', '-added_at', '-id'], name='video_of_length'),
        ),
        migrations.AddIndex(
            model_name='video',
            index=models.Index(condition=models.Q(('has_audio', True)), fields=['owner', '-added_at', '-id'], name='video_with_audio'),
        ),
        migrations.AddIndex(
            model_name='video',
            index=models.Index(condition=models.Q(('has_video', True)), fields=['owner', '-added_at', '-id'], name='video_with_picture'),
        ),
        migrations.AddIndex(
            model_name='tagging',
            index=models.Index(fields=['tag', '-added_at', '-video'], name='tagging_newest_first'),
        ),
        migrations.AddConstraint(
            model_name='tagging',
            constraint=models.UniqueConstraint(fields=('video', 'tag'), name='tagged_once'),
        ),
        migrations.AddConstraint(
            model_name='shelf',
            constraint=models.CheckConstraint(condition=models.Q(('owner__isnull', True), ('tag__isnull', True), _connector='XOR'), name='shelf_of_one_thing'),
        ),
    ]
