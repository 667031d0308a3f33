/* A picture that the window knows. */
#include "app/picture.h"

#include <glib/gi18n.h>
#include <string.h>

struct _GlossPicture
{
  GObject parent_instance;

  char *path;                 /* owned */
  char *name;                 /* owned */
  char *reason;               /* owned, or NULL */
  GlossCaptionRecord *record; /* owned, or NULL */
  GPtrArray *history;         /* owned GlossCaptionRecord */
  gboolean is_being_edited;   /* the record is the person's own, and no step of the history */
  GlossPictureState state;
  gboolean is_loaded;
  guint revision;
  guint64 key;
  guint last_seed;
};

enum
{
  PROP_0,
  PROP_NAME,
  PROP_STATE,
  PROP_CAPTION,
  PROP_REASON,
  N_PROPS
};

enum
{
  HISTORY_CHANGED,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GlossPicture, gloss_picture, G_TYPE_OBJECT)

static void
gloss_picture_finalize (GObject *object)
{
  GlossPicture *picture = GLOSS_PICTURE (object);

  g_free (picture->path);
  g_free (picture->name);
  g_free (picture->reason);
  gloss_caption_record_free (picture->record);
  g_ptr_array_unref (picture->history);
  G_OBJECT_CLASS (gloss_picture_parent_class)->finalize (object);
}

static void
gloss_picture_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GlossPicture *picture = GLOSS_PICTURE (object);

  switch (id)
    {
    case PROP_NAME:
      g_value_set_string (value, picture->name);
      break;
    case PROP_STATE:
      g_value_set_int (value, (int) picture->state);
      break;
    case PROP_CAPTION:
      g_value_set_string (value, gloss_picture_get_caption (picture));
      break;
    case PROP_REASON:
      g_value_set_string (value, picture->reason);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
gloss_picture_class_init (GlossPictureClass *klass)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = gloss_picture_finalize;
  object_class->get_property = gloss_picture_get_property;
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  properties[PROP_STATE] = g_param_spec_int ("state", NULL, NULL, GLOSS_PICTURE_WAITING,
                                             GLOSS_PICTURE_FAILED, GLOSS_PICTURE_WAITING, flags);
  properties[PROP_CAPTION] = g_param_spec_string ("caption", NULL, NULL, "", flags);
  properties[PROP_REASON] = g_param_spec_string ("reason", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  signals[HISTORY_CHANGED] = g_signal_new ("history-changed", GLOSS_TYPE_PICTURE, G_SIGNAL_RUN_LAST,
                                           0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
free_record (gpointer data)
{
  gloss_caption_record_free (data);
}

static GPtrArray *
make_history (void)
{
  return g_ptr_array_new_with_free_func (free_record);
}

static void
gloss_picture_init (GlossPicture *picture)
{
  static guint64 last_key;

  picture->key = ++last_key;
  picture->history = make_history ();
}

GlossPicture *
gloss_picture_new (const char *path)
{
  GlossPicture *picture = g_object_new (GLOSS_TYPE_PICTURE, NULL);

  picture->path = g_strdup (path);
  picture->name = g_filename_display_basename (path);
  return picture;
}

const char *
gloss_picture_get_path (GlossPicture *picture)
{
  return picture->path;
}

const char *
gloss_picture_get_name (GlossPicture *picture)
{
  return picture->name;
}

GlossPictureState
gloss_picture_get_state (GlossPicture *picture)
{
  return picture->state;
}

static void
set_reason (GlossPicture *picture, const char *reason)
{
  if (g_strcmp0 (picture->reason, reason) == 0)
    return;
  g_free (picture->reason);
  picture->reason = g_strdup (reason);
  g_object_notify_by_pspec (G_OBJECT (picture), properties[PROP_REASON]);
}

static void
set_state (GlossPicture *picture, GlossPictureState state)
{
  if (picture->state == state)
    return;
  picture->state = state;
  g_object_notify_by_pspec (G_OBJECT (picture), properties[PROP_STATE]);
}

static GlossPictureState
get_resting_state (GlossPicture *picture)
{
  if (*gloss_picture_get_caption (picture) == '\0')
    return GLOSS_PICTURE_WAITING;
  return picture->record->origin == GLOSS_CAPTION_ORIGIN_EDITED ? GLOSS_PICTURE_EDITED
                                                                : GLOSS_PICTURE_DONE;
}

void
gloss_picture_begin_work (GlossPicture *picture)
{
  set_reason (picture, NULL);
  set_state (picture, GLOSS_PICTURE_WORKING);
}

void
gloss_picture_end_work (GlossPicture *picture, const char *reason)
{
  set_reason (picture, reason);
  set_state (picture, reason ? GLOSS_PICTURE_FAILED : get_resting_state (picture));
}

const char *
gloss_picture_get_reason (GlossPicture *picture)
{
  return picture->reason;
}

const char *
gloss_picture_get_caption (GlossPicture *picture)
{
  return picture->record ? picture->record->text : "";
}

const GlossCaptionRecord *
gloss_picture_get_record (GlossPicture *picture)
{
  return picture->record;
}

const GPtrArray *
gloss_picture_get_history (GlossPicture *picture)
{
  return picture->history;
}

static void
tell_record (GlossPicture *picture)
{
  if (picture->state != GLOSS_PICTURE_WORKING && picture->state != GLOSS_PICTURE_FAILED)
    set_state (picture, get_resting_state (picture));
  g_object_notify_by_pspec (G_OBJECT (picture), properties[PROP_CAPTION]);
}

static void
tell_records (GlossPicture *picture)
{
  tell_record (picture);
  g_signal_emit (picture, signals[HISTORY_CHANGED], 0);
}

void
gloss_picture_set_records (GlossPicture *picture, GlossCaptionRecord *record, GPtrArray *history)
{
  /* the same draft read again is still the draft */
  picture->is_being_edited = picture->is_being_edited && picture->record && record
                             && strcmp (picture->record->text, record->text) == 0;
  gloss_caption_record_free (picture->record);
  g_ptr_array_unref (picture->history);
  picture->record = record;
  picture->history = history;
  tell_records (picture);
}

gboolean
gloss_picture_is_loaded (GlossPicture *picture)
{
  return picture->is_loaded;
}

void
gloss_picture_set_loaded (GlossPicture *picture)
{
  picture->is_loaded = TRUE;
}

guint
gloss_picture_get_revision (GlossPicture *picture)
{
  return picture->revision;
}

/* What is the caption goes to the history, unless it is nothing. */
static void
push_record (GlossPicture *picture)
{
  GlossCaptionRecord *record = g_steal_pointer (&picture->record);

  if (record && *record->text)
    g_ptr_array_insert (picture->history, 0, record);
  else
    gloss_caption_record_free (record);
}

static void
remove_from_history (GlossPicture *picture, const char *text)
{
  for (guint i = picture->history->len; i > 0; i--)
    {
      const GlossCaptionRecord *record = g_ptr_array_index (picture->history, i - 1);

      if (strcmp (record->text, text) == 0)
        g_ptr_array_remove_index (picture->history, i - 1);
    }
}

/* With new words an old failure is of no interest. */
static void
forgive (GlossPicture *picture)
{
  if (picture->state == GLOSS_PICTURE_FAILED)
    gloss_picture_end_work (picture, NULL);
}

/* Typed, or undone, back to what was said before: that is the caption again, as it was made. */
static gboolean
take_from_history (GlossPicture *picture, const char *text)
{
  for (guint i = 0; i < picture->history->len; i++)
    {
      const GlossCaptionRecord *record = g_ptr_array_index (picture->history, i);

      if (strcmp (record->text, text) == 0)
        {
          GlossCaptionRecord *again = gloss_caption_record_copy (record);

          /* what was being typed is a draft, and no step of the history */
          if (picture->is_being_edited)
            g_clear_pointer (&picture->record, gloss_caption_record_free);
          gloss_picture_add_record (picture, again);
          return TRUE;
        }
    }
  return FALSE;
}

void
gloss_picture_add_record (GlossPicture *picture, GlossCaptionRecord *record)
{
  picture->revision++;
  forgive (picture);
  push_record (picture);
  remove_from_history (picture, record->text);
  picture->record = record;
  picture->is_being_edited = FALSE;
  tell_records (picture);
}

void
gloss_picture_edit (GlossPicture *picture, const char *text)
{
  GlossCaptionRecord *record;

  if (strcmp (gloss_picture_get_caption (picture), text) == 0)
    return;
  picture->revision++;
  forgive (picture);
  if (take_from_history (picture, text))
    return;
  record = picture->record ? gloss_caption_record_copy (picture->record)
                           : g_new0 (GlossCaptionRecord, 1);
  g_free (record->text);
  record->text = g_strdup (text);
  record->origin = GLOSS_CAPTION_ORIGIN_EDITED;
  if (picture->is_being_edited)
    {
      /* with each letter: the list of what was before is long, and stays as it is */
      gloss_caption_record_free (picture->record);
      picture->record = record;
      tell_record (picture);
      return;
    }
  push_record (picture);
  picture->record = record;
  picture->is_being_edited = TRUE;
  tell_records (picture);
}

void
gloss_picture_clear_history (GlossPicture *picture)
{
  picture->revision++;
  g_ptr_array_set_size (picture->history, 0);
  g_signal_emit (picture, signals[HISTORY_CHANGED], 0);
}

guint64
gloss_picture_get_key (GlossPicture *picture)
{
  return picture->key;
}

guint
gloss_picture_get_next_seed (GlossPicture *picture, guint lowest)
{
  picture->last_seed = MAX (picture->last_seed + 1, lowest);
  return picture->last_seed;
}

const char *
gloss_picture_state_get_words (GlossPictureState state)
{
  switch (state)
    {
    case GLOSS_PICTURE_WAITING:
      return _ ("no caption yet");
    case GLOSS_PICTURE_WORKING:
      return _ ("being captioned");
    case GLOSS_PICTURE_DONE:
      return _ ("captioned");
    case GLOSS_PICTURE_EDITED:
      /* Translators: a picture whose caption a person has edited */
      return C_ ("picture", "edited");
    case GLOSS_PICTURE_FAILED:
      return _ ("failed");
    }
  g_assert_not_reached ();
}
