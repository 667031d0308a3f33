/* PaliGemma at its real size, with random values: members and offsets beyond 4 GiB, memory, and
 * that the two ways through the language model agree. */
#include "model/full-size.h"
#include "model/gemma.h"
#include "model/model.h"
#include "model/prepare.h"
#include "model/siglip.h"
#include "support/asserts.h"
#include "tensor/product.h"

#include <math.h>
#include <string.h>

/* Twenty-six layers, each within the bound that the golden numbers have. */
#define STATE_BOUND_FRAC (26 * 5e-6)

/* Vectors, workspace, keys and values come to some 150 MB; an f32 copy of the model would be 12 GB.
 */
#define MAX_ANONYMOUS_BYTES (600u << 20)

/* A preparation has two pieces of 4 MiB and the parser's copy of a header; the largest matrix would
 * be 67 MB. */
#define MAX_PREPARING_BYTES (32u << 20)

/* State of the last of @n_rows tokens, of which the last @n_steps come one by one. */
static void
run_text (GlossModel *model, GlossPool *pool, const float *rows, gsize n_rows, gsize n_steps,
          float *state)
{
  const GlossModelConfig *config = gloss_model_get_config (model);
  gsize width = config->width, n_prefix = n_rows - n_steps;
  g_autoptr (GlossArena) arena =
      gloss_arena_new (gloss_gemma_get_workspace_bytes (config, n_prefix), NULL);
  g_autoptr (GlossKvCache) cache =
      gloss_kv_cache_new (config, n_prefix, 1, n_steps + 1, GLOSS_KV_F32, NULL);
  g_autofree guint *n_visible = g_new (guint, n_prefix);
  g_autofree float *x = g_memdup2 (rows, n_rows * width * sizeof (float));
  gint64 start_usec = g_get_monotonic_time ();

  for (gsize i = 0; i < n_prefix; i++)
    n_visible[i] = (guint) MAX (i + 1, config->n_image_tokens);
  gloss_gemma_prefill (model, pool, arena, cache, x, n_prefix, n_visible, 1, NULL);
  g_test_message ("prefill of %" G_GSIZE_FORMAT " tokens: %.2f s", n_prefix,
                  (double) (g_get_monotonic_time () - start_usec) / 1e6);
  for (gsize i = n_prefix; i < n_rows; i++)
    {
      start_usec = g_get_monotonic_time ();
      gloss_gemma_step (model, pool, arena, cache, x + i * width, 1, NULL);
      g_test_message ("step: %.3f s", (double) (g_get_monotonic_time () - start_usec) / 1e6);
    }
  for (gsize i = 0; i < width; i++)
    state[i] = x[(n_rows - 1) * width + i];
}

static void
check_logits (GlossModel *model, GlossPool *pool, const float *state)
{
  const GlossMatrix *table = gloss_model_get_matrix (model, GLOSS_TENSOR_EMBEDDING, 0);
  g_autofree float *logits = g_new (float, table->n_out);
  g_autofree float *row = g_new (float, table->n_in);

  gloss_gemma_logits (model, pool, logits, state, 1, table->n_out, 0);
  for (gsize i = 0; i < table->n_out; i += 25715)
    {
      double sum = 0, magnitude = 0;

      gloss_matrix_convert_row (row, table, i);
      for (gsize j = 0; j < table->n_in; j++)
        {
          sum += (double) row[j] * state[j];
          magnitude += fabs ((double) row[j] * state[j]);
        }
      g_assert_cmpfloat (magnitude, >, 0);
      g_assert_cmpfloat (fabs (logits[i] - sum), <=, (double) table->n_in * 6e-8 * magnitude);
    }
}

static void
test_both_ways_should_agree_in_little_memory (gconstpointer size)
{
  char *folder = gloss_test_folder_new ();
  g_autoptr (GError) error = NULL;
  GlossModelConfig wanted;
  const char *why;

  full_size_get_config (&wanted, (FullSize) GPOINTER_TO_UINT (size), 224);

  g_autofree char *path = full_size_write_npz (folder, &wanted, &why);

  if (!path)
    {
      gloss_test_folder_remove (folder);
      g_test_skip (why);
      return;
    }

  gsize before_bytes = full_size_get_anonymous_bytes ();
  g_autoptr (GlossModel) model = gloss_model_load (path, NULL, &error);

  g_assert_no_error (error);

  const GlossModelConfig *config = gloss_model_get_config (model);
  g_autoptr (GlossPool) pool = gloss_pool_new (0);
  gsize n_text = 6, width = config->width, n_rows = config->n_image_tokens + n_text;
  gsize side = gloss_model_config_get_image_size_px (config);
  g_autoptr (GlossArena) arena = gloss_arena_new (gloss_siglip_get_workspace_bytes (config), NULL);
  g_autofree float *image = g_new (float, side *side * 3);
  g_autofree float *rows = g_new (float, n_rows *width);
  g_autofree float *at_once = g_new (float, width);
  g_autofree float *in_steps = g_new (float, width);
  const gint32 ids[] = { 2, 21209, 659, 108, 257151, 100000 };
  gint64 start_usec = g_get_monotonic_time ();

  for (const char *axis = "pPEDMABWLFNKHV"; *axis; axis++)
    g_assert_cmpuint (gloss_model_config_get_axis (config, *axis), ==,
                      gloss_model_config_get_axis (&wanted, *axis));
  gloss_test_fill (image, side * side * 3, 1);
  gloss_siglip_encode (model, pool, arena, rows, image, NULL);
  g_test_message ("vision tower: %.2f s", (double) (g_get_monotonic_time () - start_usec) / 1e6);
  g_clear_pointer (&arena, gloss_arena_free);
  gloss_gemma_embed (model, rows + config->n_image_tokens * width, ids, n_text);

  run_text (model, pool, rows, n_rows, 0, at_once);
  run_text (model, pool, rows, n_rows, 2, in_steps);
  gloss_assert_close (in_steps, at_once, width, STATE_BOUND_FRAC * gloss_max_abs (at_once, width),
                      "state after two steps");
  check_logits (model, pool, at_once);

  g_test_message ("anonymous memory: %.0f MB more than before",
                  (double) (full_size_get_anonymous_bytes () - before_bytes) / 1e6);
  g_assert_cmpuint (full_size_get_anonymous_bytes (), <, before_bytes + MAX_ANONYMOUS_BYTES);
  gloss_test_folder_remove (folder);
}

typedef struct
{
  gsize most_bytes;
  gint64 last_usec, longest_usec;
} Watch;

static void
watch_memory (guint64 n_done, guint64 n_all, gpointer user_data)
{
  Watch *watch = user_data;
  gint64 now_usec = g_get_monotonic_time ();

  if (watch->last_usec > 0)
    watch->longest_usec = MAX (watch->longest_usec, now_usec - watch->last_usec);
  watch->last_usec = now_usec;
  watch->most_bytes = MAX (watch->most_bytes, full_size_get_anonymous_bytes ());
}

/* A few values of every matrix, from all over it. */
static void
compare_some_values (GlossModel *source, GlossModel *made)
{
  const GlossModelConfig *config = gloss_model_get_config (source);

  for (guint role = 0; role < GLOSS_N_TENSOR_ROLES; role++)
    {
      gsize n_layers = gloss_tensor_role_count_layers (role, config);

      if (gloss_tensor_role_is_vector (role) || role == GLOSS_TENSOR_PATCH_KERNEL)
        continue;
      for (gsize layer = 0; layer < n_layers; layer++)
        {
          const GlossMatrix *a = gloss_model_get_matrix (source, role, layer);
          const GlossMatrix *b = gloss_model_get_matrix (made, role, layer);

          for (gsize i = 0; i < 1000; i++)
            {
              gsize in = i * 7919 % a->n_in, out = i * 104729 % a->n_out;

              g_assert_cmpmem (gloss_matrix_get_element (b, in, out), 2,
                               gloss_matrix_get_element (a, in, out), 2);
            }
        }
    }
}

/* Rows of a product that is looked at: a whole group and a part of one. */
#define PRODUCT_ROWS 14

/* @n_samples outputs of rows times the packed weights @w, recomputed in double from @source. */
static void
check_product (GlossPool *pool, GlossRowsKind kind, const GlossMatrix *w, const GlossMatrix *source,
               gsize n_rows, gsize n_samples)
{
  gsize n_in = w->n_in, n_out = w->n_out;
  g_autofree float *x = g_new (float, n_rows *n_in);
  g_autofree float *data = g_new (float, gloss_rows_count_floats (n_rows, n_in));
  g_autofree float *out = g_new (float, n_rows *n_out);
  GlossRows rows = { kind, data, n_rows, n_in };
  GlossProduct product = { w, NULL, out };

  gloss_test_fill (x, n_rows * n_in, (guint32) n_in);
  gloss_rows_pack (pool, &rows, x);
  gloss_products (pool, &rows, &product, 1);
  for (gsize i = 0; i < n_samples; i++)
    {
      gsize row = i * 7919 % n_rows, o = i * 104729 % n_out;
      double sum = 0, magnitude = 0;

      for (gsize in = 0; in < n_in; in++)
        {
          float value = x[row * n_in + in], weight;

          if (kind == GLOSS_ROWS_PACKED_BF16)
            value = gloss_float_from_bf16 (gloss_float_to_bf16 (value));
          gloss_matrix_convert (&weight, source->dtype, gloss_matrix_get_element (source, in, o),
                                1);
          sum += (double) value * weight;
          magnitude += fabs ((double) value * weight);
        }
      /* sums are rounded once for each term, and plain ones once for each product too */
      g_assert_cmpfloat (fabs (out[row * n_out + o] - sum), <=,
                         (double) (n_in + 2) * 6e-8 * magnitude);
    }
}

static void
check_products (GlossModel *source, GlossModel *made)
{
  const GlossModelConfig *config = gloss_model_get_config (source);
  g_autoptr (GlossPool) pool = gloss_pool_new (0);

  for (guint role = 0; role < GLOSS_N_TENSOR_ROLES; role++)
    {
      gsize n_layers = gloss_tensor_role_count_layers (role, config);

      /* positions are added, and big_vision's patches have another order */
      if (gloss_tensor_role_is_vector (role) || role == GLOSS_TENSOR_PATCH_KERNEL
          || role == GLOSS_TENSOR_POSITION_EMBEDDING)
        continue;
      for (gsize layer = 0; layer < n_layers; layer += MAX (1, n_layers - 1))
        {
          const GlossMatrix *w = gloss_model_get_matrix (made, role, layer);
          const GlossMatrix *of_source = gloss_model_get_matrix (source, role, layer);

          check_product (pool, GLOSS_ROWS_PLAIN, w, of_source, 1, 20);
          check_product (pool, GLOSS_ROWS_PACKED_F32, w, of_source, PRODUCT_ROWS, 20);
          check_product (pool, GLOSS_ROWS_PACKED_BF16, w, of_source, PRODUCT_ROWS, 20);
        }
    }
}

static void
test_preparing_should_take_little_memory (void)
{
  char *folder = gloss_test_folder_new ();
  g_autofree char *made_path = g_build_filename (folder, "made.gloss", NULL);
  g_autoptr (GError) error = NULL;
  GlossModelConfig wanted;
  const char *why;

  full_size_get_config (&wanted, FULL_SIZE_PALIGEMMA_3B, 224);

  g_autofree char *path = full_size_write_npz (folder, &wanted, &why);

  if (!path)
    {
      gloss_test_folder_remove (folder);
      g_test_skip (why);
      return;
    }

  g_autoptr (GlossModel) source = gloss_model_load (path, NULL, &error);
  g_autoptr (GlossPreparation) preparation =
      gloss_preparation_new (gloss_model_get_checkpoint (source), &error);
  gsize before_bytes = full_size_get_anonymous_bytes ();
  Watch watch = { .most_bytes = before_bytes };
  gint64 start_usec = g_get_monotonic_time ();
  gboolean is_written =
      gloss_preparation_write (preparation, made_path, FALSE, watch_memory, &watch, NULL, &error);
  double seconds = (double) (g_get_monotonic_time () - start_usec) / 1e6;

  /* no room for the source and what is made of it */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE))
    {
      gloss_test_folder_remove (folder);
      g_test_skip (error->message);
      return;
    }
  g_assert_no_error (error);
  g_assert_true (is_written);
  g_test_message (
      "%.1f GB in %.1f s, at most %.1f ms between two pieces, anonymous memory: %.1f MB",
      (double) gloss_preparation_get_n_bytes (preparation) / 1e9, seconds,
      (double) watch.longest_usec / 1e3, (double) (watch.most_bytes - before_bytes) / 1e6);
  g_assert_cmpuint (watch.most_bytes, <, before_bytes + MAX_PREPARING_BYTES);

  g_autoptr (GlossModel) made = gloss_model_load (made_path, NULL, &error);

  g_assert_no_error (error);
  compare_some_values (source, made);
  check_products (source, made);
  gloss_test_folder_remove (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/model/full-size/paligemma-3b/both-ways-should-agree-in-little-memory",
                        GUINT_TO_POINTER (FULL_SIZE_PALIGEMMA_3B),
                        test_both_ways_should_agree_in_little_memory);
  g_test_add_data_func ("/model/full-size/paligemma2-3b/both-ways-should-agree-in-little-memory",
                        GUINT_TO_POINTER (FULL_SIZE_PALIGEMMA2_3B),
                        test_both_ways_should_agree_in_little_memory);
  g_test_add_func ("/model/full-size/paligemma-3b/preparing-should-take-little-memory",
                   test_preparing_should_take_little_memory);
  return g_test_run ();
}
