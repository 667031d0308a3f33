/* The runs of fine-tuning that a person has begun. */
#include "library/tuning-record.h"

#include "base/atomic-file.h"
#include "base/error.h"
#include "base/i18n.h"
#include "library/folder.h"
#include "library/models-folder.h"
#include "model/adapter.h"
#include "model/tuned.h"
#include "train/state-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define RECORD_NAME "run.json"
#define LOCK_NAME "lock"
#define MAX_RECORD_BYTES (1 << 20)
#define MAX_RUNS 10000
#define MAX_FILES 1000
#define MAX_NAME_BYTES 200

static const char *const state_names[] = { "running", "interrupted", "stopped", "finished",
                                           "failed" };

/* What of a run's folder makes up the model. */
static const char *const result_names[] = { GLOSS_TUNED_NAME, GLOSS_TUNED_CHANGED_NAME,
                                            GLOSS_ADAPTER_CONFIG_NAME, GLOSS_ADAPTER_WEIGHTS_NAME,
                                            "tokenizer.model" };

char *
gloss_tuning_records_get_folder (void)
{
  return g_build_filename (g_get_user_data_dir (), "gloss", "runs", NULL);
}

static void
set_errno_error (GError **error, const char *path, int code)
{
  g_autofree char *shown = g_filename_display_name (path);

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "%s: %s", shown, g_strerror (code));
}

void
gloss_tuning_record_free (GlossTuningRecord *record)
{
  if (!record)
    return;
  if (record->lock >= 0)
    close (record->lock);
  g_free (record->folder);
  g_free (record->title);
  g_free (record->message);
  g_free (record->saved_path);
  gloss_tuning_settings_free (record->settings);
  g_free (record);
}

/* A folder that nobody has yet, named by the time. */
static char *
make_folder (gint64 begun_at, GError **error)
{
  g_autofree char *parent = gloss_tuning_records_get_folder ();
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (begun_at);
  g_autofree char *name = g_date_time_format (time, "%Y-%m-%d-%H%M%S");

  if (g_mkdir_with_parents (parent, 0700) != 0)
    {
      set_errno_error (error, parent, errno);
      return NULL;
    }
  for (guint i = 1; i < MAX_RUNS; i++)
    {
      g_autofree char *unique = i == 1 ? g_strdup (name) : g_strdup_printf ("%s-%u", name, i);
      g_autofree char *folder = g_build_filename (parent, unique, NULL);

      if (g_mkdir (folder, 0700) == 0)
        return g_steal_pointer (&folder);
      if (errno != EEXIST)
        {
          set_errno_error (error, folder, errno);
          return NULL;
        }
    }
  set_errno_error (error, parent, EEXIST);
  return NULL;
}

GlossTuningRecord *
gloss_tuning_record_new (const GlossTuningSettings *settings, const char *title, GError **error)
{
  g_autoptr (GlossTuningRecord) record = g_new0 (GlossTuningRecord, 1);

  record->lock = -1;
  record->begun_at = g_get_real_time () / G_USEC_PER_SEC;
  record->title = g_strdup (title);
  record->settings = gloss_tuning_settings_copy (settings);
  record->folder = make_folder (record->begun_at, error);
  if (!record->folder || !gloss_tuning_record_lock (record, error)
      || !gloss_tuning_record_write (record, error))
    return NULL;
  return g_steal_pointer (&record);
}

gboolean
gloss_tuning_record_write (const GlossTuningRecord *record, GError **error)
{
  g_autofree char *path = g_build_filename (record->folder, RECORD_NAME, NULL);
  g_autofree char *saved =
      record->saved_path ? g_uri_escape_string (record->saved_path, "/ ", TRUE) : NULL;
  g_autoptr (json_t) object = json_pack (
      "{s:s, s:s, s:s*, s:s*, s:I, s:i, s:i, s:o}", "state", state_names[record->state], "title",
      record->title, "message", record->message, "saved", saved, "begun_at",
      (json_int_t) record->begun_at, "training", (int) record->n_training, "validation",
      (int) record->n_validation, "settings", gloss_tuning_settings_to_json (record->settings));
  char *text = json_dumps (object, JSON_INDENT (2) | JSON_PRESERVE_ORDER);
  gboolean is_written = gloss_atomic_file_write (path, text, strlen (text), error);

  free (text);
  return is_written;
}

gboolean
gloss_tuning_record_lock (GlossTuningRecord *record, GError **error)
{
  g_autofree char *path = g_build_filename (record->folder, LOCK_NAME, NULL);
  int lock;

  if (record->lock >= 0)
    return TRUE;
  lock = g_open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0)
    {
      set_errno_error (error, path, errno);
      return FALSE;
    }
  if (flock (lock, LOCK_EX | LOCK_NB) != 0)
    {
      close (lock);
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY,
                   _ ("this run goes on in another window of Gloss"));
      return FALSE;
    }
  record->lock = lock;
  return TRUE;
}

/* One that runs, as it says, runs only while somebody holds its lock. */
static void
look_whether_it_runs (GlossTuningRecord *record)
{
  if (record->state != GLOSS_TUNING_RUNNING || !gloss_tuning_record_lock (record, NULL))
    return;
  close (record->lock);
  record->lock = -1;
  record->state = GLOSS_TUNING_INTERRUPTED;
}

static guint
get_count (json_t *object, const char *key)
{
  json_int_t count = json_integer_value (json_object_get (object, key));

  return (guint) CLAMP (count, 0, G_MAXINT);
}

GlossTuningRecord *
gloss_tuning_record_read (const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, RECORD_NAME, NULL);
  g_autoptr (json_t) object = gloss_json_load (path, MAX_RECORD_BYTES, error);
  g_autoptr (GlossTuningRecord) record = g_new0 (GlossTuningRecord, 1);
  const char *state;
  guint i = 0;

  record->lock = -1;
  if (!object)
    return NULL;
  state = json_string_value (json_object_get (object, "state"));
  while (i < G_N_ELEMENTS (state_names) && g_strcmp0 (state_names[i], state) != 0)
    i++;
  if (i == G_N_ELEMENTS (state_names))
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT, _ ("%s: this is not a run’s record"),
                   RECORD_NAME);
      return NULL;
    }
  record->state = (GlossTuningState) i;
  record->folder = g_strdup (folder);
  record->title = g_strdup (json_string_value (json_object_get (object, "title")));
  if (!record->title)
    record->title = g_path_get_basename (folder);
  record->message = g_strdup (json_string_value (json_object_get (object, "message")));
  record->saved_path =
      g_uri_unescape_string (json_string_value (json_object_get (object, "saved")), NULL);
  record->begun_at = json_integer_value (json_object_get (object, "begun_at"));
  record->n_training = get_count (object, "training");
  record->n_validation = get_count (object, "validation");
  record->settings = gloss_tuning_settings_from_json (json_object_get (object, "settings"));
  look_whether_it_runs (record);
  return g_steal_pointer (&record);
}

static gboolean
has_file (const GlossTuningRecord *record, const char *name)
{
  g_autofree char *path = g_build_filename (record->folder, name, NULL);

  return g_file_test (path, G_FILE_TEST_IS_REGULAR);
}

gboolean
gloss_tuning_record_has_snapshot (const GlossTuningRecord *record)
{
  return has_file (record, GLOSS_SNAPSHOT_NAME);
}

gboolean
gloss_tuning_record_has_result (const GlossTuningRecord *record)
{
  return has_file (record, GLOSS_TUNED_NAME);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  const GlossTuningRecord *first = *(const GlossTuningRecord *const *) a;
  const GlossTuningRecord *second = *(const GlossTuningRecord *const *) b;

  if (first->begun_at != second->begun_at)
    return first->begun_at > second->begun_at ? -1 : 1;
  return -strcmp (first->folder, second->folder);
}

GPtrArray *
gloss_tuning_records_list (void)
{
  g_autofree char *parent = gloss_tuning_records_get_folder ();
  guint n_left = MAX_RUNS;
  g_autoptr (GPtrArray) names = gloss_folder_list (parent, &n_left);
  GPtrArray *records = g_ptr_array_new_with_free_func ((GDestroyNotify) gloss_tuning_record_free);

  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *folder = g_build_filename (parent, g_ptr_array_index (names, i), NULL);
      GlossTuningRecord *record = gloss_tuning_record_read (folder, NULL);

      if (record)
        g_ptr_array_add (records, record);
    }
  g_ptr_array_sort (records, compare);
  return records;
}

/* The files of a run's folder; it has no folders in it. */
static gboolean
remove_folder (const char *folder, GError **error)
{
  guint n_left = MAX_FILES;
  g_autoptr (GPtrArray) names = gloss_folder_list (folder, &n_left);

  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *path = g_build_filename (folder, g_ptr_array_index (names, i), NULL);

      if (g_unlink (path) != 0 && errno != ENOENT)
        {
          set_errno_error (error, path, errno);
          return FALSE;
        }
    }
  if (g_rmdir (folder) == 0 || errno == ENOENT)
    return TRUE;
  set_errno_error (error, folder, errno);
  return FALSE;
}

gboolean
gloss_tuning_record_delete (GlossTuningRecord *record, GError **error)
{
  /* the record goes first, so that what is left of an interrupted removal is no run */
  g_autofree char *path = g_build_filename (record->folder, RECORD_NAME, NULL);

  if (!gloss_tuning_record_lock (record, error))
    return FALSE;
  g_unlink (path);
  return remove_folder (record->folder, error);
}

/* A file of a result is only ever replaced as a whole, so a second name for it is as good as a
 * copy, and costs nothing. */
static gboolean
put_file (const char *from, const char *to, GError **error)
{
  g_autoptr (GFile) source = g_file_new_for_path (from);
  g_autoptr (GFile) target = g_file_new_for_path (to);
  int file;
  gboolean is_safe;

  if (link (from, to) == 0)
    return TRUE;
  if (!g_file_copy (source, target, G_FILE_COPY_NONE, NULL, NULL, NULL, error))
    return FALSE;
  file = g_open (to, O_RDONLY | O_CLOEXEC, 0);
  is_safe = file >= 0 && fsync (file) == 0;
  if (!is_safe)
    set_errno_error (error, to, errno);
  if (file >= 0)
    close (file);
  return is_safe;
}

static gboolean
sync_folder (const char *folder, GError **error)
{
  int file = g_open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  gboolean is_safe = file >= 0 && fsync (file) == 0;

  if (!is_safe)
    set_errno_error (error, folder, errno);
  if (file >= 0)
    close (file);
  return is_safe;
}

static gboolean
fill_folder (const GlossTuningRecord *record, const char *folder, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (result_names); i++)
    {
      g_autofree char *from = g_build_filename (record->folder, result_names[i], NULL);
      g_autofree char *to = g_build_filename (folder, result_names[i], NULL);

      if (g_file_test (from, G_FILE_TEST_IS_REGULAR) && !put_file (from, to, error))
        return FALSE;
    }
  return sync_folder (folder, error);
}

static gboolean
check_name (const char *name, GError **error)
{
  if (*name && *name != '.' && !strpbrk (name, "/\n") && strlen (name) <= MAX_NAME_BYTES
      && g_utf8_validate (name, -1, NULL))
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME,
               _ ("a model cannot have this name; it is one of a folder: without “/”, not "
                  "beginning with a dot, and not too long"));
  return FALSE;
}

gboolean
gloss_tuning_record_save (GlossTuningRecord *record, const char *name, GError **error)
{
  g_autofree char *parent = gloss_models_folder_get ();
  g_autofree char *folder = g_build_filename (parent, name, NULL);
  g_autofree char *hidden = g_strdup_printf ("%s/.%s.new", parent, name);

  if (!check_name (name, error))
    return FALSE;
  if (g_mkdir_with_parents (parent, 0777) != 0)
    {
      set_errno_error (error, parent, errno);
      return FALSE;
    }
  if (g_file_test (folder, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS,
                   _ ("there is a model called “%s” already; choose another name"), name);
      return FALSE;
    }
  if (!remove_folder (hidden, error))
    return FALSE;
  if (g_mkdir (hidden, 0777) != 0)
    {
      set_errno_error (error, hidden, errno);
      return FALSE;
    }
  if (!fill_folder (record, hidden, error))
    {
      remove_folder (hidden, NULL);
      return FALSE;
    }
  if (g_rename (hidden, folder) != 0)
    {
      set_errno_error (error, folder, errno);
      remove_folder (hidden, NULL);
      return FALSE;
    }
  g_free (record->saved_path);
  record->saved_path = g_steal_pointer (&folder);
  return sync_folder (parent, error) && gloss_tuning_record_write (record, error);
}
