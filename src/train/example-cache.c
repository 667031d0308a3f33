/* What of an example need not be computed each time. */
#include "train/example-cache.h"

#include "model/resize.h"
#include "train/read-ahead.h"
#include "train/spill-file.h"

/* What is kept of an example: floats in memory, or in the file where there is an offset. */
typedef struct
{
  float *values; /* owned; NULL: not there */
  gboolean is_in_file;
  guint64 offset;
} Kept;

/* Where an example without room in memory lies during a pass. */
typedef struct
{
  float *input;   /* owned */
  float *values;  /* owned; what is kept, on its way to the file or back */
  gsize n_values; /* that it has room for */
} Slot;

struct _GlossExampleCache
{
  gboolean keeps_states; /* else the model's inputs */
  gboolean has_tried_file;
  gsize n_left_bytes;
  guint64 file_bytes;
  gsize input_floats;
  gsize n_slots;

  /* borrowed */
  const GArray *set;
  GlossModel *model;
  GlossGradient *gradient;
  GlossPool *pool;

  /* owned */
  char *folder;
  GlossSpillFile *file; /* NULL: none */
  Kept *kept;           /* [examples] */
  Slot *slots;          /* [n_slots] */
  GlossReadAhead *ahead;
};

GlossExampleCache *
gloss_example_cache_new (const GArray *set, GlossModel *model, GlossGradient *gradient,
                         GlossPool *pool, gsize max_examples, const GlossExampleCacheRoom *room)
{
  GlossExampleCache *cache = g_new0 (GlossExampleCache, 1);
  gsize side = gloss_model_config_get_image_size_px (gloss_model_get_config (model));

  cache->set = set;
  cache->model = model;
  cache->gradient = gradient;
  cache->pool = pool;
  cache->keeps_states = gloss_gradient_has_states (gradient);
  cache->n_left_bytes = room->memory_bytes;
  cache->file_bytes = room->file_bytes;
  cache->folder = g_strdup (room->folder);
  cache->input_floats = side * side * 3;
  cache->kept = g_new0 (Kept, set->len);
  cache->n_slots = max_examples;
  cache->slots = g_new0 (Slot, max_examples);
  for (gsize i = 0; i < max_examples; i++)
    cache->slots[i].input = g_new (float, cache->input_floats);
  cache->ahead = gloss_read_ahead_new (set, side);
  return cache;
}

void
gloss_example_cache_free (GlossExampleCache *cache)
{
  gloss_read_ahead_free (cache->ahead);
  for (guint i = 0; i < cache->set->len; i++)
    g_free (cache->kept[i].values);
  for (gsize i = 0; i < cache->n_slots; i++)
    {
      g_free (cache->slots[i].input);
      g_free (cache->slots[i].values);
    }
  g_clear_pointer (&cache->file, gloss_spill_file_free);
  g_free (cache->folder);
  g_free (cache->kept);
  g_free (cache->slots);
  g_free (cache);
}

void
gloss_example_cache_expect (GlossExampleCache *cache, gsize index)
{
  if (!cache->kept[index].values && !cache->kept[index].is_in_file)
    gloss_read_ahead_expect (cache->ahead, index);
}

static gboolean
make_input (GlossExampleCache *cache, float *out, gsize index, GCancellable *cancellable,
            GError **error)
{
  const char *path = gloss_example_set_get (cache->set, index)->image_path;
  gsize side = gloss_model_config_get_image_size_px (gloss_model_get_config (cache->model));
  g_autoptr (GlossImage) image = NULL;
  gboolean is_there;

  if (!gloss_read_ahead_take (cache->ahead, index, out, &is_there, cancellable, error))
    return FALSE;
  if (is_there)
    return TRUE;
  image = gloss_image_load (path, cancellable, error);
  return image
         && gloss_model_input_make (cache->pool, out, side, image, GLOSS_RESIZE_BILINEAR, error)
         && !g_cancellable_set_error_if_cancelled (cancellable, error);
}

/* Room for what is kept of an example, or NULL. */
static float *
take_room (GlossExampleCache *cache, gsize n_floats)
{
  gsize n_bytes = n_floats * sizeof (float);
  float *room = n_bytes <= cache->n_left_bytes ? g_try_new (float, n_floats) : NULL;

  if (room)
    cache->n_left_bytes -= n_bytes;
  return room;
}

/* Room in the slot for what is kept of an example, when the file has room for it too; or NULL. */
static float *
take_slot (GlossExampleCache *cache, Slot *slot, gsize n_floats)
{
  if (!cache->has_tried_file)
    {
      cache->has_tried_file = TRUE;
      cache->file = gloss_spill_file_new (cache->folder, cache->file_bytes);
    }
  if (!cache->file)
    return NULL;
  if (slot->n_values < n_floats)
    {
      g_free (slot->values);
      slot->values = g_try_new (float, n_floats);
      slot->n_values = slot->values ? n_floats : 0;
    }
  return slot->values;
}

/* What is kept of example @index already, or NULL. */
static const float *
find_kept (GlossExampleCache *cache, gsize index, Slot *slot, gsize n_floats)
{
  Kept *kept = &cache->kept[index];

  if (kept->values || !kept->is_in_file)
    return kept->values;
  if (take_slot (cache, slot, n_floats)
      && gloss_spill_file_read (cache->file, kept->offset, slot->values, n_floats * sizeof (float)))
    return slot->values;
  kept->is_in_file = FALSE;
  return NULL;
}

/* out[n_floats] = what is kept of an example. */
static gboolean
make_kept (GlossExampleCache *cache, float *out, gsize index, Slot *slot,
           GlossGradientExample *example, GCancellable *cancellable, GError **error)
{
  if (!cache->keeps_states)
    return make_input (cache, out, index, cancellable, error);
  if (!make_input (cache, slot->input, index, cancellable, error))
    return FALSE;
  example->image = slot->input;
  gloss_gradient_make_states (cache->gradient, out, example);
  example->image = NULL;
  if (!gloss_pool_is_cancelled (cache->pool))
    return TRUE;
  g_cancellable_set_error_if_cancelled (cancellable, error);
  return FALSE;
}

gboolean
gloss_example_cache_get (GlossExampleCache *cache, gsize index, gsize slot_index,
                         guint64 dropout_key, GlossGradientExample *out, GCancellable *cancellable,
                         GError **error)
{
  const GlossTrainExample *example = gloss_example_set_get (cache->set, index);
  Slot *slot = &cache->slots[slot_index];
  Kept *kept = &cache->kept[index];
  const float *values;
  float *room;
  gsize n_floats;

  *out =
      (GlossGradientExample){ gloss_train_example_get_sequence (example, dropout_key), NULL, NULL };
  n_floats = cache->keeps_states ? gloss_gradient_count_states (cache->gradient, &out->sequence)
                                 : cache->input_floats;
  values = find_kept (cache, index, slot, n_floats);
  if (!values && (room = take_room (cache, n_floats)))
    {
      if (!make_kept (cache, room, index, slot, out, cancellable, error))
        {
          cache->n_left_bytes += n_floats * sizeof (float);
          g_free (room);
          return FALSE;
        }
      values = kept->values = room;
    }
  else if (!values && (room = take_slot (cache, slot, n_floats))
           && gloss_spill_file_has_room (cache->file, n_floats * sizeof (float)))
    {
      if (!make_kept (cache, room, index, slot, out, cancellable, error))
        return FALSE;
      kept->is_in_file =
          gloss_spill_file_append (cache->file, room, n_floats * sizeof (float), &kept->offset);
      values = room;
    }
  if (values)
    {
      if (cache->keeps_states)
        out->states = values;
      else
        out->image = values;
      return TRUE;
    }
  out->image = slot->input;
  return make_input (cache, slot->input, index, cancellable, error);
}
