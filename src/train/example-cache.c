/* What of an example need not be computed each time. */
#include "train/example-cache.h"

#include "model/resize.h"
#include "train/read-ahead.h"

struct _GlossExampleCache
{
  gboolean keeps_states; /* else the model's inputs */
  gsize n_left_bytes;
  gsize input_floats;

  /* borrowed */
  const GArray *set;
  GlossModel *model;
  GlossGradient *gradient;
  GlossPool *pool;

  /* owned */
  float **kept;  /* [examples], NULL: not there */
  float *inputs; /* [max_examples × input] for those without room */
  GlossReadAhead *ahead;
};

GlossExampleCache *
gloss_example_cache_new (const GArray *set, GlossModel *model, GlossGradient *gradient,
                         GlossPool *pool, gsize max_examples, gsize max_bytes)
{
  GlossExampleCache *cache = g_new0 (GlossExampleCache, 1);
  gsize side = gloss_model_config_get_image_size_px (gloss_model_get_config (model));

  cache->set = set;
  cache->model = model;
  cache->gradient = gradient;
  cache->pool = pool;
  cache->keeps_states = gloss_gradient_has_states (gradient);
  cache->n_left_bytes = max_bytes;
  cache->input_floats = side * side * 3;
  cache->kept = g_new0 (float *, set->len);
  cache->inputs = g_new (float, max_examples * cache->input_floats);
  cache->ahead = gloss_read_ahead_new (set, side);
  return cache;
}

void
gloss_example_cache_free (GlossExampleCache *cache)
{
  gloss_read_ahead_free (cache->ahead);
  for (guint i = 0; i < cache->set->len; i++)
    g_free (cache->kept[i]);
  g_free (cache->kept);
  g_free (cache->inputs);
  g_free (cache);
}

void
gloss_example_cache_expect (GlossExampleCache *cache, gsize index)
{
  if (!cache->kept[index])
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

static void
give_back (GlossExampleCache *cache, float *room, gsize n_floats)
{
  cache->n_left_bytes += n_floats * sizeof (float);
  g_free (room);
}

gboolean
gloss_example_cache_get (GlossExampleCache *cache, gsize index, gsize slot, guint64 dropout_key,
                         GlossGradientExample *out, GCancellable *cancellable, GError **error)
{
  const GlossTrainExample *example = gloss_example_set_get (cache->set, index);
  float *input = cache->inputs + slot * cache->input_floats;
  float *room;
  gsize n_floats;

  *out =
      (GlossGradientExample){ gloss_train_example_get_sequence (example, dropout_key), NULL, NULL };
  if (cache->kept[index])
    {
      if (cache->keeps_states)
        out->states = cache->kept[index];
      else
        out->image = cache->kept[index];
      return TRUE;
    }

  n_floats = cache->keeps_states ? gloss_gradient_count_states (cache->gradient, &out->sequence)
                                 : cache->input_floats;
  room = take_room (cache, n_floats);
  if (!make_input (cache, room && !cache->keeps_states ? room : input, index, cancellable, error))
    {
      if (room)
        give_back (cache, room, n_floats);
      return FALSE;
    }
  out->image = room && !cache->keeps_states ? room : input;
  if (room && cache->keeps_states)
    {
      gloss_gradient_make_states (cache->gradient, room, out);
      if (gloss_pool_is_cancelled (cache->pool))
        {
          give_back (cache, room, n_floats);
          g_cancellable_set_error_if_cancelled (cancellable, error);
          return FALSE;
        }
      out->image = NULL;
      out->states = room;
    }
  cache->kept[index] = room;
  return TRUE;
}
