/* Directories of zip archives, read from files that libarchive made or that are written here. */
#include "net/zip-directory.h"

#include "base/error.h"
#include "support/asserts.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

typedef struct
{
  char *folder; /* owned, as all */
  char *path;
  char *bytes;
  gsize n_bytes;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  struct archive *archive = archive_write_new ();

  fixture->folder = gloss_test_folder_new ();
  fixture->path = g_build_filename (fixture->folder, "a.zip", NULL);
  archive_write_set_format_zip (archive);
  g_assert_cmpint (archive_write_open_filename (archive, fixture->path), ==, ARCHIVE_OK);
  for (guint i = 0; i < 3; i++)
    {
      static const char *const names[] = { "a", "b/c", "d" };
      struct archive_entry *entry = archive_entry_new ();

      archive_entry_set_pathname (entry, names[i]);
      archive_entry_set_filetype (entry, AE_IFREG);
      archive_entry_set_perm (entry, 0644);
      archive_entry_set_size (entry, 9);
      g_assert_cmpint (archive_write_header (archive, entry), ==, ARCHIVE_OK);
      archive_write_data (archive, "123456789", 9);
      archive_entry_free (entry);
    }
  g_assert_cmpint (archive_write_free (archive), ==, ARCHIVE_OK);
  g_assert_true (g_file_get_contents (fixture->path, &fixture->bytes, &fixture->n_bytes, NULL));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  gloss_test_folder_remove (fixture->folder);
  g_free (fixture->path);
  g_free (fixture->bytes);
}

static void
write_file (Fixture *fixture, const void *bytes, gsize n_bytes)
{
  g_assert_true (g_file_set_contents (fixture->path, bytes, (gssize) n_bytes, NULL));
}

static void
test_entries_should_be_read (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) entries = gloss_zip_directory_read (fixture->path, 3, &error);
  const GlossZipEntry *entry;

  g_assert_no_error (error);
  g_assert_cmpuint (entries->len, ==, 3);
  entry = g_ptr_array_index (entries, 1);
  g_assert_cmpstr (entry->name, ==, "b/c");
  g_assert_cmpuint (entry->n_bytes, ==, 9);
  /* the check value of this checksum */
  g_assert_cmphex (entry->crc32, ==, 0xcbf43926);
  g_assert_cmphex (entry->mode & 0170000, ==, 0100000);
}

static void
test_more_entries_than_allowed_should_be_refused (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (gloss_zip_directory_read (fixture->path, 2, &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE, "more than 2 entries");
}

/* One entry, "x", of five gigabytes, and all of the numbers in ZIP64's records. */
static void
test_zip64_should_be_read (Fixture *fixture, gconstpointer data)
{
  static const char bytes[] =
      "PK\1\2\55\3\55\0\0\0\0\0\0\0\0\0\1\2\3\4\377\377\377\377\377\377\377\377"
      "\1\0\24\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0x"
      "\1\0\20\0\0\0\0\100\1\0\0\0\0\0\0\100\1\0\0\0"
      "PK\6\6\54\0\0\0\0\0\0\0\55\3\55\0\0\0\0\0\0\0\0\0"
      "\1\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\103\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
      "PK\6\7\0\0\0\0\103\0\0\0\0\0\0\0\1\0\0\0"
      "PK\5\6\0\0\0\0\377\377\377\377\377\377\377\377\377\377\377\377\0\0";
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) entries = NULL;
  const GlossZipEntry *entry;

  write_file (fixture, bytes, sizeof bytes - 1);
  entries = gloss_zip_directory_read (fixture->path, 10, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (entries->len, ==, 1);
  entry = g_ptr_array_index (entries, 0);
  g_assert_cmpstr (entry->name, ==, "x");
  g_assert_cmpuint (entry->n_bytes, ==, G_GUINT64_CONSTANT (5) << 30);
}

/* Every byte of the directory changed, and the file cut behind every one. */
static void
test_damaged_directory_should_do_no_harm (Fixture *fixture, gconstpointer data)
{
  gsize directory = fixture->n_bytes;

  while (memcmp (fixture->bytes + directory - 4, "PK\1\2", 4) != 0)
    directory--;
  for (gsize at = directory; at < fixture->n_bytes; at++)
    {
      g_autofree char *changed = g_memdup2 (fixture->bytes, fixture->n_bytes);
      g_autoptr (GPtrArray) entries = NULL;
      g_autoptr (GPtrArray) cut = NULL;
      g_autoptr (GError) error = NULL;

      changed[at] = (char) (changed[at] ^ g_test_rand_int_range (1, 256));
      write_file (fixture, changed, fixture->n_bytes);
      entries = gloss_zip_directory_read (fixture->path, 1000, NULL);
      g_assert_true (!entries || entries->len == 3);
      write_file (fixture, fixture->bytes, at);
      cut = gloss_zip_directory_read (fixture->path, 1000, &error);
      g_assert_null (cut);
      gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_FORMAT, "no sound directory");
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func)                                                                            \
  g_test_add ("/net/zip-directory/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("entries-should-be-read", test_entries_should_be_read);
  ADD ("more-entries-than-allowed-should-be-refused",
       test_more_entries_than_allowed_should_be_refused);
  ADD ("zip64-should-be-read", test_zip64_should_be_read);
  ADD ("damaged-directory-should-do-no-harm", test_damaged_directory_should_do_no_harm);
  return g_test_run ();
}
