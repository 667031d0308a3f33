/* Exports: what comes back is what was there, value for value and type for type. */
#include "model/export.h"

#include "model/adapter.h"
#include "model/fixture.h"
#include "support/asserts.h"

#include <glib/gstdio.h>
#include <string.h>

static const char *const sources[][2] = {
  { "paligemma1", "weights.f32.npz" },  { "paligemma1", "weights.bf16.npz" },
  { "paligemma1", "weights.f16.npz" },  { "paligemma1", "hf" },
  { "paligemma2", "weights.bf16.npz" }, { "paligemma2", "hf" },
  { "paligemma2-27b-like", "hf" },
};

typedef struct
{
  char *folder;
  char *npz;
} Scratch;

static void
set_up (Scratch *scratch, gconstpointer data)
{
  scratch->folder = gloss_test_folder_new ();
  scratch->npz = g_build_filename (scratch->folder, "x.npz", NULL);
}

static void
tear_down (Scratch *scratch, gconstpointer data)
{
  g_free (scratch->npz);
  gloss_test_folder_remove (scratch->folder);
}

static float
get_value (GlossModel *model, const GlossMatrix *matrix, GlossTensorRole role, gsize in, gsize out)
{
  float value;

  /* everybody's patches as pixels */
  if (role == GLOSS_TENSOR_PATCH_KERNEL && gloss_model_has_planar_patches (model))
    in = in % 3 * (matrix->n_in / 3) + in / 3;
  gloss_matrix_convert (&value, matrix->dtype, gloss_matrix_get_element (matrix, in, out), 1);
  return value;
}

/* What @expected has as an addition is part of @got. */
static void
assert_same_matrix (GlossModel *got, GlossModel *expected, GlossTensorRole role, gsize layer)
{
  const GlossMatrix *a = gloss_model_get_matrix (got, role, layer);
  const GlossMatrix *b = gloss_model_get_matrix (expected, role, layer);
  const GlossLora *lora = gloss_model_get_lora (expected, role, layer);
  gsize n_rows = MIN (a->n_out, b->n_out);

  g_assert_cmpint (a->dtype, ==, lora ? GLOSS_DTYPE_F32 : b->dtype);
  g_assert_cmpuint (a->n_in, ==, b->n_in);
  g_assert_true (role == GLOSS_TENSOR_EMBEDDING || a->n_out == b->n_out);
  /* of long tables some rows, up to the last */
  for (gsize out = (n_rows - 1) % (1 + n_rows / 256); out < n_rows; out += 1 + n_rows / 256)
    {
      for (gsize in = 0; in < a->n_in; in++)
        {
          double value = (double) get_value (expected, b, role, in, out), bound = 0;

          for (gsize r = 0; lora && r < lora->rank; r++)
            value += (double) lora->scale * (double) lora->b[out * lora->rank + r]
                     * (double) lora->a[r * lora->n_in + in];
          bound = lora ? 1e-5 : 0;
          g_assert_cmpfloat (ABS ((double) get_value (got, a, role, in, out) - value), <=, bound);
        }
    }
}

static void
assert_same_model (GlossModel *got, GlossModel *expected)
{
  const GlossModelConfig *config = gloss_model_get_config (expected);
  const GlossTensorNaming naming = { .is_gemma2 = config->is_gemma2 };

  g_assert_cmpint (gloss_model_get_config (got)->is_gemma2, ==, config->is_gemma2);
  for (guint role = 0; role < GLOSS_N_TENSOR_ROLES; role++)
    {
      for (gsize layer = 0; gloss_tensor_role_is_used (role, &naming)
                            && layer < gloss_tensor_role_count_layers (role, config);
           layer++)
        {
          if (!gloss_tensor_role_is_vector (role))
            assert_same_matrix (got, expected, role, layer);
          else
            {
              gsize n = 1;

              for (const char *p = gloss_tensor_role_get_out_axes (role); *p; p++)
                n *= gloss_model_config_get_axis (config, *p);
              g_assert_cmpmem (gloss_model_get_vector (got, role, layer), n * sizeof (float),
                               gloss_model_get_vector (expected, role, layer), n * sizeof (float));
            }
        }
    }
}

static GlossExport *
make_export (GlossModel *model, Fixture *fixture, GlossExportKind kind, guint64 shard_bytes)
{
  const GlossExportOptions options = {
    .kind = kind,
    .n_pieces = gloss_tokenizer_get_n_pieces (fixture->tokenizer),
    .shard_bytes = shard_bytes,
  };

  return gloss_export_new (model, &options);
}

static guint64
measure (const char *folder, const char *suffix)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  guint64 n_bytes = 0;

  while ((name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      GStatBuf status;

      g_assert_cmpint (g_stat (path, &status), ==, 0);
      if (g_str_has_suffix (name, suffix))
        n_bytes += (guint64) status.st_size;
    }
  return n_bytes;
}

static void
test_all_kinds_should_come_back (Scratch *scratch, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (sources); i++)
    {
      g_autoptr (Fixture) fixture = fixture_new (sources[i][0]);
      g_autoptr (GlossModel) model = fixture_load_model (fixture, sources[i][1]);
      const GlossModelOptions options = { .query_scale =
                                              gloss_model_get_config (model)->query_scale };
      g_autoptr (GlossExport) npz = make_export (model, fixture, GLOSS_EXPORT_NPZ, 0);
      g_autoptr (GlossExport) hf = make_export (model, fixture, GLOSS_EXPORT_HF, 1000000);
      g_autoptr (GError) error = NULL;
      g_autoptr (GlossModel) from_npz = NULL, from_hf = NULL;
      char *folder = gloss_test_folder_new ();

      gloss_export_write (npz, scratch->npz, TRUE, NULL, NULL, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (measure (scratch->folder, "x.npz"), ==, gloss_export_get_n_bytes (npz));
      from_npz = gloss_model_load (scratch->npz, &options, &error);
      g_assert_no_error (error);
      assert_same_model (from_npz, model);
      g_assert_cmpuint (gloss_model_get_config (from_npz)->n_table_rows, ==,
                        gloss_tokenizer_get_n_pieces (fixture->tokenizer));

      gloss_export_write (hf, folder, FALSE, NULL, NULL, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (measure (folder, ".safetensors"), ==, gloss_export_get_n_bytes (hf));
      from_hf = gloss_model_load (folder, NULL, &error);
      g_assert_no_error (error);
      assert_same_model (from_hf, model);
      g_assert_cmpfloat (ABS (gloss_model_get_config (from_hf)->query_scale - options.query_scale),
                         <, 1e-6);
      gloss_test_folder_remove (folder);
    }
}

/* An adapter that is merged; it lies on the second family. */
static void
test_adapter_should_be_merged (Scratch *scratch, gconstpointer data)
{
  g_autoptr (Fixture) fixture = fixture_new ("paligemma2");
  g_autoptr (GlossModel) base = fixture_load_model (fixture, "weights.bf16.npz");
  g_autofree char *adapter = gloss_test_path ("fixtures/paligemma2/peft");
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossModel) model = gloss_adapter_apply (base, adapter, &error);
  g_autoptr (GlossExport) npz = NULL;
  g_autoptr (GlossModel) merged = NULL;

  g_assert_no_error (error);
  g_assert_true (gloss_adapter_is_used (model));
  g_assert_false (gloss_adapter_is_used (base));
  npz = make_export (model, fixture, GLOSS_EXPORT_NPZ, 0);
  gloss_export_write (npz, scratch->npz, FALSE, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  merged = gloss_model_load (scratch->npz, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < GLOSS_N_PROJECTIONS; i++)
    {
      for (gsize layer = 0; layer < gloss_model_get_config (base)->depth; layer++)
        assert_same_matrix (merged, model, gloss_projection_get_role (i), layer);
    }
}

static void
cancel_half_way (guint64 n_done, guint64 n_all, gpointer user_data)
{
  if (2 * n_done > n_all)
    g_cancellable_cancel (user_data);
}

static void
test_stopped_should_leave_nothing (Scratch *scratch, gconstpointer data)
{
  g_autoptr (Fixture) fixture = fixture_new ("paligemma1");
  g_autoptr (GlossModel) model = fixture_load_model (fixture, "weights.f32.npz");
  g_autoptr (GlossExport) npz = make_export (model, fixture, GLOSS_EXPORT_NPZ, 0);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_assert_false (gloss_export_write (npz, scratch->npz, FALSE, cancel_half_way, cancellable,
                                      cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (measure (scratch->folder, ""), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/model/export/all-kinds-should-come-back", Scratch, NULL, set_up,
              test_all_kinds_should_come_back, tear_down);
  g_test_add ("/model/export/adapter-should-be-merged", Scratch, NULL, set_up,
              test_adapter_should_be_merged, tear_down);
  g_test_add ("/model/export/stopped-should-leave-nothing", Scratch, NULL, set_up,
              test_stopped_should_leave_nothing, tear_down);
  return g_test_run ();
}
