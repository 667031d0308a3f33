/* The store of captions and the text files beside pictures. */
#include "library/kept-captions.h"

#include "base/error.h"
#include "base/i18n.h"
#include "dataset/sidecar-sharers.h"
#include "dataset/sidecar.h"
#include "model/task.h"

#include <string.h>

struct _GlossKeptCaptions
{
  GlossCaptionStore *store; /* owned */
  GHashTable *known;        /* owned; GlossSidecar by picture path: as they were last seen */
};

void
gloss_kept_caption_clear (GlossKeptCaption *kept)
{
  g_clear_pointer (&kept->record, gloss_caption_record_free);
  g_clear_pointer (&kept->history, g_ptr_array_unref);
}

GlossKeptCaptions *
gloss_kept_captions_open (const char *path, char **out_set_aside, GError **error)
{
  GlossCaptionStore *store = gloss_caption_store_open (path, out_set_aside, error);
  GlossKeptCaptions *captions;

  if (!store)
    return NULL;
  captions = g_new0 (GlossKeptCaptions, 1);
  captions->store = store;
  captions->known =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) gloss_sidecar_free);
  return captions;
}

void
gloss_kept_captions_free (GlossKeptCaptions *captions)
{
  gloss_caption_store_free (captions->store);
  g_hash_table_unref (captions->known);
  g_free (captions);
}

GlossCaptionStore *
gloss_kept_captions_get_store (GlossKeptCaptions *captions)
{
  return captions->store;
}

static void
remember (GlossKeptCaptions *captions, const char *picture_path, GlossSidecar *sidecar)
{
  if (sidecar)
    g_hash_table_replace (captions->known, g_strdup (picture_path), sidecar);
  else
    g_hash_table_remove (captions->known, picture_path);
}

static gboolean
set_sidecar_text (GlossKeptCaptions *captions, const char *picture_path,
                  const GlossSidecar *sidecar, GCancellable *cancellable, GError **error)
{
  GlossCaptionRecord record = {
    .text = sidecar->text,
    .created_usec = sidecar->mtime_nsec / 1000,
    .origin = GLOSS_CAPTION_ORIGIN_SIDECAR,
  };

  return gloss_caption_store_set (captions->store, picture_path, &record, cancellable, error);
}

static gboolean
is_known (const GlossKeptCaption *kept, const char *text)
{
  if (kept->record && strcmp (kept->record->text, text) == 0)
    return TRUE;
  for (guint i = 0; i < kept->history->len; i++)
    {
      const GlossCaptionRecord *record = g_ptr_array_index (kept->history, i);

      if (strcmp (record->text, text) == 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean
reload (GlossKeptCaptions *captions, const char *picture_path, GlossKeptCaption *out,
        GCancellable *cancellable, GError **error)
{
  gloss_kept_caption_clear (out);
  return gloss_caption_store_load (captions->store, picture_path, &out->record, &out->history,
                                   cancellable, error);
}

/* What the text file says and the store does not know becomes the caption if it is newer than the
 * one there is, and otherwise a part of the history. */
static gboolean
take_sidecar (GlossKeptCaptions *captions, const char *picture_path, const GlossSidecar *sidecar,
              GlossKeptCaption *out, GCancellable *cancellable, GError **error)
{
  g_autoptr (GlossCaptionRecord) current = NULL;

  if (!sidecar->text || !*sidecar->text || is_known (out, sidecar->text))
    return TRUE;
  if (out->record && *out->record->text && out->record->created_usec > sidecar->mtime_nsec / 1000)
    current = gloss_caption_record_copy (out->record);
  if (!set_sidecar_text (captions, picture_path, sidecar, cancellable, error)
      || (current
          && !gloss_caption_store_set (captions->store, picture_path, current, cancellable, error)))
    return FALSE;
  return reload (captions, picture_path, out, cancellable, error);
}

gboolean
gloss_kept_captions_load (GlossKeptCaptions *captions, const char *picture_path,
                          gboolean shares_sidecar, GlossKeptCaption *out, GCancellable *cancellable,
                          GError **error)
{
  g_autoptr (GlossSidecar) sidecar = NULL;
  g_autoptr (GError) local_error = NULL;
  gboolean is_taken;

  *out = (GlossKeptCaption){ 0 };
  if (!reload (captions, picture_path, out, cancellable, error))
    return FALSE;
  if (shares_sidecar)
    return TRUE;
  sidecar = gloss_sidecar_read (picture_path, &local_error);
  if (local_error)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  out->has_sidecar = sidecar != NULL;
  is_taken = !sidecar || take_sidecar (captions, picture_path, sidecar, out, cancellable, error);
  remember (captions, picture_path, g_steal_pointer (&sidecar));
  return is_taken;
}

/* Somebody has written the text file meanwhile: their words go to the history, ours stay. */
static gboolean
merge_sidecar (GlossKeptCaptions *captions, const char *picture_path, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (GlossSidecar) sidecar = gloss_sidecar_read (picture_path, &local_error);
  g_autoptr (GlossCaptionRecord) current = NULL;

  if (local_error)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  if (sidecar && sidecar->text && *sidecar->text
      && (!gloss_caption_store_load (captions->store, picture_path, &current, NULL, NULL, error)
          || !set_sidecar_text (captions, picture_path, sidecar, NULL, error)
          || (current
              && !gloss_caption_store_set (captions->store, picture_path, current, NULL, error))))
    return FALSE;
  remember (captions, picture_path, g_steal_pointer (&sidecar));
  return TRUE;
}

static gboolean
write_sidecar (GlossKeptCaptions *captions, const char *picture_path, const char *sharer,
               const char *text, gboolean *out_merged, GError **error)
{
  g_autofree char *name = g_filename_display_basename (picture_path);
  GlossSidecarResult result = GLOSS_SIDECAR_CHANGED_OUTSIDE;

  if (sharer)
    {
      g_autofree char *other = g_filename_display_basename (sharer);

      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_MISMATCH,
                   _ ("%s and %s would have the same text file, so none is written; rename one of "
                      "them"),
                   name, other);
      return FALSE;
    }
  /* whoever writes that often has the last word next time */
  for (guint i = 0; i < 3 && result == GLOSS_SIDECAR_CHANGED_OUTSIDE; i++)
    {
      gpointer key, known = NULL;
      GlossSidecar *sidecar = NULL;

      if (g_hash_table_steal_extended (captions->known, picture_path, &key, &known))
        g_free (key);
      sidecar = known;
      result = gloss_sidecar_write (picture_path, text, &sidecar, error);
      remember (captions, picture_path, sidecar);
      if (result == GLOSS_SIDECAR_CHANGED_OUTSIDE)
        {
          if (!merge_sidecar (captions, picture_path, error))
            return FALSE;
          *out_merged = TRUE;
        }
    }
  switch (result)
    {
    case GLOSS_SIDECAR_WRITTEN:
    case GLOSS_SIDECAR_UNCHANGED:
      return TRUE;
    case GLOSS_SIDECAR_FAILED:
      return FALSE;
    case GLOSS_SIDECAR_NOT_UTF8:
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_MISMATCH,
                   _ ("the text file of %s is not UTF-8 and was left as it is; save it as UTF-8 or "
                      "move it away"),
                   name);
      return FALSE;
    case GLOSS_SIDECAR_CHANGED_OUTSIDE:
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_CHANGED,
                   _ ("the text file of %s is being written by another program and was left to it"),
                   name);
      return FALSE;
    }
  g_assert_not_reached ();
}

gboolean
gloss_kept_captions_has_sidecars (GlossKeptCaptions *captions, const char *picture_path)
{
  g_autofree char *folder = g_path_get_dirname (picture_path);

  return gloss_caption_store_get_folder_sidecars (captions->store, folder);
}

gboolean
gloss_kept_captions_set_sidecars (GlossKeptCaptions *captions, const char *picture_path,
                                  gboolean has_sidecars, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (picture_path);

  return gloss_caption_store_set_folder_sidecars (captions->store, folder, has_sidecars, error);
}

/* Whether the answer to @prompt (NULL: the person typed it) says what is in a picture. What was
 * found or asked is no caption, and must not take the place of one beside the picture. */
static gboolean
is_caption (const char *prompt)
{
  static const GlossTask others[] = { GLOSS_TASK_ANSWER, GLOSS_TASK_QUESTION, GLOSS_TASK_DETECT,
                                      GLOSS_TASK_SEGMENT };

  for (guint i = 0; prompt && i < G_N_ELEMENTS (others); i++)
    {
      const char *name = gloss_task_get_info (others[i])->name;

      if (g_str_has_prefix (prompt, name) && prompt[strlen (name)] == ' ')
        return FALSE;
    }
  return TRUE;
}

/* The text file says what the store says now, where there is to be one. */
static gboolean
follow (GlossKeptCaptions *captions, const char *picture_path, const char *prompt, const char *text,
        gboolean *out_merged, GError **error)
{
  g_autofree char *sharer = NULL;

  if (!gloss_kept_captions_has_sidecars (captions, picture_path) || !is_caption (prompt))
    return TRUE;
  sharer = gloss_sidecar_find_sharer (picture_path);
  return write_sidecar (captions, picture_path, sharer, text, out_merged, error);
}

gboolean
gloss_kept_captions_set (GlossKeptCaptions *captions, const char *picture_path,
                         const GlossCaptionRecord *record, gboolean *out_merged, GError **error)
{
  *out_merged = FALSE;
  return gloss_caption_store_set (captions->store, picture_path, record, NULL, error)
         && follow (captions, picture_path, record->prompt, record->text, out_merged, error);
}

gboolean
gloss_kept_captions_edit (GlossKeptCaptions *captions, const char *picture_path, const char *text,
                          gboolean *out_merged, GError **error)
{
  g_autoptr (GlossCaptionRecord) record = NULL;

  *out_merged = FALSE;
  return gloss_caption_store_edit (captions->store, picture_path, text, NULL, error)
         && gloss_caption_store_load (captions->store, picture_path, &record, NULL, NULL, error)
         && follow (captions, picture_path, record ? record->prompt : NULL, text, out_merged,
                    error);
}

gboolean
gloss_kept_captions_write_sidecar (GlossKeptCaptions *captions, const char *picture_path,
                                   const char *sharer, gboolean *out_merged, GError **error)
{
  g_autoptr (GlossCaptionRecord) record = NULL;

  *out_merged = FALSE;
  if (!gloss_caption_store_load (captions->store, picture_path, &record, NULL, NULL, error))
    return FALSE;
  return !record || !*record->text || !is_caption (record->prompt)
         || write_sidecar (captions, picture_path, sharer, record->text, out_merged, error);
}
