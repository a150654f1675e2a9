"""Counting changes of what feeds show, so that "nothing new" is one look at one row.

A change of a video's shown fields, its files or its tags counts for its owner and for each of its tags; a tag's name
and whether it is hidden count for both, too. Where nobody watches there is no row, and a change costs next to nothing.

PostgreSQL counts when a transaction ends and once in each: counted at once, two transactions that had locked rows in
different order would wait for each other for ever. As in migration 0002, SQLite forgets a table's triggers when Django
rebuilds the table: a later migration that alters Video, Tag, Tagging or MediaFile has to run `forwards` again.
"""

from django.db import migrations

SHOWN = (
    ("title", "description", "channel", "url", "webpage_url", "duration", "published_at", "added_at")
    + ("chapters", "language", "hidden")
)  # fmt: skip
OLD, NEW = (", ".join(f"{row}.{column}" for column in SHOWN) for row in ("OLD", "NEW"))
FILE = ("kind", "path", "size", "mime", "language", "codecs")
OLD_FILE, NEW_FILE = (", ".join(f"{row}.{column}" for column in FILE) for row in ("OLD", "NEW"))


def _count(owner, tags):
    return f"""UPDATE library_shelf SET revision = revision + 1, changed_at = strftime('%Y-%m-%d %H:%M:%f', 'now')
         WHERE owner_id = ({owner}) OR tag_id IN ({tags});"""


def _count_video(video):
    return _count(
        f"SELECT owner_id FROM library_video WHERE id = {video}",
        f"SELECT tag_id FROM library_tagging WHERE video_id = {video}",
    )


def _count_tag(tag):
    return _count(f"SELECT owner_id FROM library_tag WHERE id = {tag}", tag)


SQLITE = {
    "library_shelf_video_changed": f"""AFTER UPDATE ON library_video WHEN ({OLD}) IS NOT ({NEW}) BEGIN
         {_count_video("NEW.id")} END""",
    "library_shelf_video_gone": f"""AFTER DELETE ON library_video BEGIN {_count("OLD.owner_id", "")} END""",
    "library_shelf_file_added": f"""AFTER INSERT ON library_mediafile BEGIN {_count_video("NEW.video_id")} END""",
    "library_shelf_file_changed": f"""AFTER UPDATE ON library_mediafile WHEN ({OLD_FILE}) IS NOT ({NEW_FILE}) BEGIN
         {_count_video("NEW.video_id")} END""",
    "library_shelf_file_gone": f"""AFTER DELETE ON library_mediafile BEGIN {_count_video("OLD.video_id")} END""",
    "library_shelf_tagged": f"""AFTER INSERT ON library_tagging BEGIN {_count_tag("NEW.tag_id")} END""",
    "library_shelf_untagged": f"""AFTER DELETE ON library_tagging BEGIN {_count_tag("OLD.tag_id")} END""",
    "library_shelf_tag_changed": f"""AFTER UPDATE ON library_tag
         WHEN (OLD.name, OLD.hidden) IS NOT (NEW.name, NEW.hidden) BEGIN {_count_tag("NEW.id")} END""",
}

COUNTING = (
    """CREATE FUNCTION library_count(person bigint, marks bigint[]) RETURNS void LANGUAGE sql AS $$
         UPDATE library_shelf SET revision = revision + 1, changed_at = clock_timestamp()
           WHERE owner_id = person AND xmin <> pg_current_xact_id()::xid;
         UPDATE library_shelf SET revision = revision + 1, changed_at = clock_timestamp()
           WHERE tag_id = ANY (marks) AND xmin <> pg_current_xact_id()::xid;
       $$""",
    """CREATE FUNCTION library_count_video() RETURNS trigger LANGUAGE plpgsql AS $$
       DECLARE
         changed jsonb := to_jsonb(CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END);
         video uuid := CASE TG_TABLE_NAME WHEN 'library_video' THEN changed ->> 'id' ELSE changed ->> 'video_id' END;
         person bigint := changed ->> 'owner_id';
       BEGIN
         IF person IS NULL THEN
           SELECT owner_id INTO person FROM library_video WHERE id = video;
         END IF;
         PERFORM library_count(person, ARRAY(SELECT tag_id FROM library_tagging WHERE video_id = video));
         RETURN NULL;
       END $$""",
    """CREATE FUNCTION library_count_tag() RETURNS trigger LANGUAGE plpgsql AS $$
       DECLARE
         changed jsonb := to_jsonb(CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END);
         tag bigint := CASE TG_TABLE_NAME WHEN 'library_tag' THEN changed ->> 'id' ELSE changed ->> 'tag_id' END;
         person bigint := changed ->> 'owner_id';
       BEGIN
         IF person IS NULL THEN
           SELECT owner_id INTO person FROM library_tag WHERE id = tag;
         END IF;
         PERFORM library_count(person, ARRAY[tag]);
         RETURN NULL;
       END $$""",
)
POSTGRES = {
    "library_shelf_video_changed": ("UPDATE ON library_video", f"WHEN (({OLD}) IS DISTINCT FROM ({NEW}))", "video"),
    "library_shelf_video_gone": ("DELETE ON library_video", "", "video"),
    "library_shelf_file": ("INSERT OR DELETE ON library_mediafile", "", "video"),
    "library_shelf_file_changed": (
        "UPDATE ON library_mediafile",
        f"WHEN (({OLD_FILE}) IS DISTINCT FROM ({NEW_FILE}))",
        "video",
    ),
    "library_shelf_tagged": ("INSERT OR DELETE ON library_tagging", "", "tag"),
    "library_shelf_tag_gone": ("DELETE ON library_tag", "", "tag"),
    "library_shelf_tag_changed": (
        "UPDATE ON library_tag",
        "WHEN ((OLD.name, OLD.hidden) IS DISTINCT FROM (NEW.name, NEW.hidden))",
        "tag",
    ),
}


def forwards(apps, schema_editor):
    backwards(apps, schema_editor)
    if schema_editor.connection.vendor == "sqlite":
        _run(schema_editor, *(f"CREATE TRIGGER {name} {text}" for name, text in SQLITE.items()))
        return
    _run(schema_editor, *COUNTING)
    for name, (event, condition, counts) in POSTGRES.items():
        _run(
            schema_editor,
            f"""CREATE CONSTRAINT TRIGGER {name} AFTER {event} DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW {condition} EXECUTE FUNCTION library_count_{counts}()""",
        )


def backwards(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        _run(schema_editor, *(f"DROP TRIGGER IF EXISTS {name}" for name in SQLITE))
    else:
        _run(
            schema_editor,
            "DROP FUNCTION IF EXISTS library_count_video() CASCADE",
            "DROP FUNCTION IF EXISTS library_count_tag() CASCADE",
            "DROP FUNCTION IF EXISTS library_count(bigint, bigint[])",
        )


def _run(schema_editor, *statements):
    with schema_editor.connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("library", "0002_triggers_and_search")]
    operations = [migrations.RunPython(forwards, backwards)]
