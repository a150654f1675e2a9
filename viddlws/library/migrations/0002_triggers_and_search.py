"""What the database does by itself, so that it cannot be forgotten anywhere:

* a file row that goes leaves its path in `library_leftover` (rows cascade when a person is deleted, too);
* `hidden` and `tag_text` of a video follow its tags; `added_at` of a tagging follows the video;
* the search index follows the video: PostgreSQL a generated tsvector, SQLite an FTS5 table.

SQLite drops a table's triggers when Django rebuilds the table to alter it: a later migration that alters Video, Tag,
Tagging or MediaFile has to run `forwards` of this one again. Tests of search, tags and removal notice when it does not.
"""

from django.db import migrations


def _of_tags(video: str) -> str:
    """The words and the hiddenness of a video's tags, on SQLite."""
    return f"""SELECT coalesce(group_concat(tag.name, ' '), ''), coalesce(max(tag.hidden), 0)
             FROM library_tagging tagging JOIN library_tag tag ON tag.id = tagging.tag_id
             WHERE tagging.video_id = {video}"""


SQLITE = (
    # Leftovers
    """CREATE TRIGGER library_file_gone AFTER DELETE ON library_mediafile BEGIN
         INSERT INTO library_leftover (path) VALUES (OLD.path) ON CONFLICT DO NOTHING;
       END""",
    """CREATE TRIGGER library_file_moved AFTER UPDATE OF path ON library_mediafile WHEN OLD.path <> NEW.path BEGIN
         INSERT INTO library_leftover (path) VALUES (OLD.path) ON CONFLICT DO NOTHING;
       END""",
    # Tags
    f"""CREATE TRIGGER library_tagged AFTER INSERT ON library_tagging BEGIN
         UPDATE library_tagging SET added_at = (SELECT added_at FROM library_video WHERE id = NEW.video_id)
           WHERE id = NEW.id;
         UPDATE library_video SET (tag_text, hidden) =
           ({_of_tags("NEW.video_id")}) WHERE id = NEW.video_id;
       END""",
    f"""CREATE TRIGGER library_untagged AFTER DELETE ON library_tagging BEGIN
         UPDATE library_video SET (tag_text, hidden) =
           ({_of_tags("OLD.video_id")}) WHERE id = OLD.video_id;
       END""",
    f"""CREATE TRIGGER library_tag_changed AFTER UPDATE OF name, hidden ON library_tag BEGIN
         UPDATE library_video SET (tag_text, hidden) =
           ({_of_tags("library_video.id")})
           WHERE id IN (SELECT video_id FROM library_tagging WHERE tag_id = NEW.id);
       END""",
    f"""CREATE TRIGGER library_tags_overwritten AFTER UPDATE OF tag_text, hidden ON library_video BEGIN
         UPDATE library_video SET (tag_text, hidden) =
           ({_of_tags("NEW.id")})
           WHERE id = NEW.id AND (tag_text, hidden) <>
           ({_of_tags("NEW.id")});
       END""",
    """CREATE TRIGGER library_video_redated AFTER UPDATE OF added_at ON library_video BEGIN
         UPDATE library_tagging SET added_at = NEW.added_at WHERE video_id = NEW.id;
       END""",
    # Search. Rows of library_video have no lasting number of their own: VACUUM gives new ones.
    "CREATE TABLE library_search_row (id INTEGER PRIMARY KEY, video_id char(32) NOT NULL UNIQUE)",
    """CREATE VIRTUAL TABLE library_search USING fts5(
         title, channel, tags, description, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3')""",
    """CREATE TRIGGER library_search_add AFTER INSERT ON library_video BEGIN
         INSERT INTO library_search_row (video_id) VALUES (NEW.id);
         INSERT INTO library_search (rowid, title, channel, tags, description)
           SELECT id, NEW.title, NEW.channel, NEW.tag_text, substr(NEW.description, 1, 20000)
           FROM library_search_row WHERE video_id = NEW.id;
       END""",
    """CREATE TRIGGER library_search_change AFTER UPDATE OF title, channel, description, tag_text ON library_video
       WHEN (OLD.title, OLD.channel, OLD.description, OLD.tag_text)
         <> (NEW.title, NEW.channel, NEW.description, NEW.tag_text) BEGIN
         UPDATE library_search SET title = NEW.title, channel = NEW.channel, tags = NEW.tag_text,
           description = substr(NEW.description, 1, 20000)
           WHERE rowid = (SELECT id FROM library_search_row WHERE video_id = NEW.id);
       END""",
    """CREATE TRIGGER library_search_remove AFTER DELETE ON library_video BEGIN
         DELETE FROM library_search WHERE rowid = (SELECT id FROM library_search_row WHERE video_id = OLD.id);
         DELETE FROM library_search_row WHERE video_id = OLD.id;
       END""",
    """INSERT INTO library_search_row (video_id) SELECT id FROM library_video""",
    """INSERT INTO library_search (rowid, title, channel, tags, description)
         SELECT entry.id, title, channel, tag_text, substr(description, 1, 20000)
         FROM library_search_row entry JOIN library_video video ON video.id = entry.video_id""",
)
SQLITE_BACK = (
    *(
        f"DROP TRIGGER IF EXISTS {name}"
        for name in (
            "library_file_gone",
            "library_file_moved",
            "library_tagged",
            "library_untagged",
            "library_tag_changed",
            "library_tags_overwritten",
            "library_video_redated",
            "library_search_add",
            "library_search_change",
            "library_search_remove",
        )
    ),
    "DROP TABLE IF EXISTS library_search",
    "DROP TABLE IF EXISTS library_search_row",
)

PUNCTUATION = "!\"#$%&''()*+,-./:;<=>?@[\\]^_`{|}~"  # as SQL writes it
# Without punctuation the parser sees words only: no host names, no signed numbers, no paths.


def _words(column: str, longest: int) -> str:
    return f"to_tsvector('simple', translate(left({column}, {longest}), '{PUNCTUATION}', repeat(' ', 32)))"


POSTGRES = (
    """CREATE FUNCTION library_leave_file() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         INSERT INTO library_leftover (path) VALUES (OLD.path) ON CONFLICT DO NOTHING;
         RETURN NULL;
       END $$""",
    """CREATE TRIGGER library_file_gone AFTER DELETE ON library_mediafile
         FOR EACH ROW EXECUTE FUNCTION library_leave_file()""",
    """CREATE TRIGGER library_file_moved AFTER UPDATE OF path ON library_mediafile
         FOR EACH ROW WHEN (OLD.path <> NEW.path) EXECUTE FUNCTION library_leave_file()""",
    """CREATE FUNCTION library_follow_tags() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         SELECT coalesce(string_agg(tag.name, ' '), ''), coalesce(bool_or(tag.hidden), false)
           INTO NEW.tag_text, NEW.hidden
           FROM library_tagging tagging JOIN library_tag tag ON tag.id = tagging.tag_id
           WHERE tagging.video_id = NEW.id;
         RETURN NEW;
       END $$""",
    """CREATE TRIGGER library_tags_overwritten BEFORE INSERT OR UPDATE OF tag_text, hidden ON library_video
         FOR EACH ROW EXECUTE FUNCTION library_follow_tags()""",
    """CREATE FUNCTION library_date_tagging() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         SELECT added_at INTO NEW.added_at FROM library_video WHERE id = NEW.video_id;
         RETURN NEW;
       END $$""",
    """CREATE TRIGGER library_tagging_dated BEFORE INSERT ON library_tagging
         FOR EACH ROW EXECUTE FUNCTION library_date_tagging()""",
    """CREATE FUNCTION library_tags_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         IF TG_TABLE_NAME = 'library_tag' THEN
           UPDATE library_video SET hidden = hidden
             WHERE id IN (SELECT video_id FROM library_tagging WHERE tag_id = NEW.id);
         ELSIF TG_OP = 'DELETE' THEN
           UPDATE library_video SET hidden = hidden WHERE id = OLD.video_id;
         ELSE
           UPDATE library_video SET hidden = hidden WHERE id = NEW.video_id;
         END IF;
         RETURN NULL;
       END $$""",
    """CREATE TRIGGER library_tagged AFTER INSERT OR DELETE ON library_tagging
         FOR EACH ROW EXECUTE FUNCTION library_tags_changed()""",
    """CREATE TRIGGER library_tag_changed AFTER UPDATE OF name, hidden ON library_tag
         FOR EACH ROW EXECUTE FUNCTION library_tags_changed()""",
    """CREATE FUNCTION library_redate_taggings() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         UPDATE library_tagging SET added_at = NEW.added_at WHERE video_id = NEW.id;
         RETURN NULL;
       END $$""",
    """CREATE TRIGGER library_video_redated AFTER UPDATE OF added_at ON library_video
         FOR EACH ROW WHEN (OLD.added_at <> NEW.added_at) EXECUTE FUNCTION library_redate_taggings()""",
    f"""ALTER TABLE library_video ADD COLUMN search tsvector GENERATED ALWAYS AS (
         setweight({_words("title", 20000)}, 'A') || setweight({_words("tag_text", 20000)}, 'B') ||
         setweight({_words("channel", 200)}, 'B') || setweight({_words("description", 20000)}, 'D')) STORED""",
    "CREATE INDEX library_search ON library_video USING gin (search) WITH (fastupdate = off)",
)
POSTGRES_BACK = (
    "DROP INDEX IF EXISTS library_search",
    "ALTER TABLE library_video DROP COLUMN IF EXISTS search",
    *(
        f"DROP FUNCTION IF EXISTS {name}() CASCADE"
        for name in (
            "library_leave_file",
            "library_follow_tags",
            "library_date_tagging",
            "library_tags_changed",
            "library_redate_taggings",
        )
    ),
)


def forwards(apps, schema_editor):
    backwards(apps, schema_editor)
    _run(schema_editor, SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRES)


def backwards(apps, schema_editor):
    _run(schema_editor, SQLITE_BACK if schema_editor.connection.vendor == "sqlite" else POSTGRES_BACK)


def _run(schema_editor, statements):
    with schema_editor.connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("library", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
