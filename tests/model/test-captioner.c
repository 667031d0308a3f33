/* From picture files to text: the demo's own pictures, the fixtures' photographs, streaming,
 * stopping. */
#include "base/error.h"
#include "model/captioner.h"
#include "model/fixture.h"
#include "support/asserts.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

typedef struct
{
  GlossModel *model;
  GlossTokenizer *tokenizer;
  GlossPool *pool;
  GlossCaptioner *captioner;
} Demo;

static void
demo_init (Demo *demo)
{
  g_autofree char *folder = gloss_test_data_path ("demo");
  g_autofree char *tokenizer = gloss_test_data_path ("demo/tokenizer.model");
  g_autoptr (GError) error = NULL;

  demo->model = gloss_model_load (folder, NULL, &error);
  g_assert_no_error (error);
  demo->tokenizer = gloss_tokenizer_load (tokenizer, &error);
  g_assert_no_error (error);
  demo->pool = gloss_pool_new (2);
  demo->captioner = gloss_captioner_new (demo->model, demo->tokenizer, demo->pool, &error);
  g_assert_no_error (error);
}

static void
demo_clear (Demo *demo)
{
  gloss_captioner_free (demo->captioner);
  gloss_pool_free (demo->pool);
  gloss_tokenizer_unref (demo->tokenizer);
  gloss_model_unref (demo->model);
}

static GlossImage *
load_picture (const char *folder, const char *name)
{
  g_autofree char *relative = g_build_filename (folder, name, NULL);
  g_autofree char *path = strcmp (folder, "demo/pictures") == 0 ? gloss_test_data_path (relative)
                                                                : gloss_test_path (relative);
  g_autoptr (GError) error = NULL;
  GlossImage *image = gloss_image_load (path, NULL, &error);

  g_assert_no_error (error);
  return image;
}

static void
collect (const char *text, gpointer user_data)
{
  g_assert_true (*text && g_utf8_validate (text, -1, NULL));
  g_string_append (user_data, text);
}

/* What PyTorch says about each sample picture, and what streamed is what came. */
static void
test_demo_pictures_should_get_their_captions (void)
{
  g_autofree char *path = gloss_test_data_path ("demo/pictures/captions.json");
  g_autoptr (json_t) pictures = gloss_json_load (path, 1 << 20, NULL);
  guint n_boxes = 0;
  Demo demo;

  demo_init (&demo);
  g_assert_cmpuint (json_array_size (pictures), ==, 14);
  for (gsize i = 0; i < json_array_size (pictures); i++)
    {
      json_t *picture = json_array_get (pictures, i);
      json_t *detect = json_object_get (picture, "detect");
      g_autoptr (GlossImage) image =
          load_picture ("demo/pictures", json_string_value (json_object_get (picture, "file")));
      g_autoptr (GString) streamed = g_string_new (NULL);
      GlossCaptionRequest request = { 0 };
      g_autoptr (GlossCaption) caption =
          gloss_captioner_run (demo.captioner, image, &request, collect, streamed, NULL, NULL);

      g_assert_cmpstr (caption->text, ==, json_string_value (json_object_get (picture, "caption")));
      g_assert_cmpstr (streamed->str, ==, caption->text);
      g_assert_cmpuint (caption->ids->len, ==, caption->log_probs->len);
      if (!json_is_object (detect))
        continue;

      request.prompt = json_string_value (json_object_get (detect, "prompt"));

      g_autoptr (GlossCaption) boxes =
          gloss_captioner_run (demo.captioner, image, &request, NULL, NULL, NULL, NULL);

      g_assert_cmpstr (boxes->text, ==, json_string_value (json_object_get (detect, "text")));
      n_boxes++;
    }
  g_assert_cmpuint (n_boxes, >, 5);
  demo_clear (&demo);
}

/* The whole way from files, for the two photographs whose decoding is exact (PNG). */
static void
test_photographs_should_get_the_reference_answers (gconstpointer name)
{
  g_autoptr (Fixture) fixture = fixture_new (name);
  g_autoptr (GlossModel) model = fixture_load_model (fixture, "weights.f32.npz");
  g_autoptr (GlossPool) pool = gloss_pool_new (2);
  g_autoptr (GlossCaptioner) captioner =
      gloss_captioner_new (model, fixture->tokenizer, pool, NULL);
  json_t *decode = json_object_get (fixture->json, "decode");

  for (guint beams = 1; beams <= 3; beams += 2)
    {
      json_t *answers = json_object_get (decode, beams == 1 ? "greedy.float32" : "beam3.float32");

      for (gsize i = 0; i < 2; i++)
        {
          json_t *asked = json_array_get (answers, i);
          g_autoptr (GlossImage) image = load_picture (
              "fixtures/preprocess/pictures", json_string_value (json_object_get (asked, "image")));
          GlossCaptionRequest request = {
            .prompt = json_string_value (json_object_get (asked, "prefix")),
            .start_with = json_string_value (json_object_get (asked, "start_with")),
            .max_tokens = 24,
            .n_beams = beams,
          };
          g_autoptr (GString) streamed = g_string_new (NULL);
          g_autoptr (GlossCaption) caption =
              gloss_captioner_run (captioner, image, &request, collect, streamed, NULL, NULL);

          g_assert_cmpstr (caption->text, ==, json_string_value (json_object_get (asked, "text")));
          g_assert_cmpstr (streamed->str, ==, caption->text);
        }
    }
}

/* In Hugging Face's folders the rows beyond the pieces are loud: to choose one would change
 * everything. */
static void
test_junk_rows_should_never_be_chosen (gconstpointer name)
{
  g_autoptr (Fixture) fixture = fixture_new (name);
  g_autoptr (GlossModel) model = fixture_load_model (fixture, "hf");
  g_autoptr (GlossPool) pool = gloss_pool_new (2);
  g_autoptr (GlossCaptioner) captioner =
      gloss_captioner_new (model, fixture->tokenizer, pool, NULL);
  g_autoptr (GlossImage) image = load_picture ("fixtures/preprocess/pictures", "camera.png");

  g_assert_cmpuint (gloss_model_get_config (model)->n_table_rows, ==, 2048 + 64);
  for (guint beams = 1; beams <= 3; beams += 2)
    {
      GlossCaptionRequest request = { .n_beams = beams, .max_tokens = 24 };
      g_autoptr (GlossCaption) caption =
          gloss_captioner_run (captioner, image, &request, NULL, NULL, NULL, NULL);

      g_assert_cmpuint (caption->ids->len, >, 1);
      for (guint i = 0; i < caption->ids->len; i++)
        g_assert_cmpint (g_array_index (caption->ids, gint32, i), <, 2048);
    }
}

/* The first token's logits are never capped, later ones are: the same ids, other log-probabilities.
 */
static void
test_softcap_should_begin_with_the_second_token (void)
{
  g_autoptr (Fixture) fixture = fixture_new ("paligemma2");
  g_autoptr (GlossModel) model = fixture_load_model (fixture, "weights.f32.npz");
  g_autoptr (GlossPool) pool = gloss_pool_new (2);
  g_autoptr (GlossCaptioner) captioner =
      gloss_captioner_new (model, fixture->tokenizer, pool, NULL);
  g_autoptr (GlossImage) image = load_picture ("fixtures/preprocess/pictures", "camera.png");
  GlossCaptionRequest request = { .max_tokens = 24 };
  g_autoptr (GlossCaption) plain =
      gloss_captioner_run (captioner, image, &request, NULL, NULL, NULL, NULL);
  double largest = 0;

  request.use_final_softcap = TRUE;

  g_autoptr (GlossCaption) capped =
      gloss_captioner_run (captioner, image, &request, NULL, NULL, NULL, NULL);

  g_assert_cmpuint (plain->ids->len, >, 2);
  g_assert_cmpmem (plain->ids->data, plain->ids->len * 4, capped->ids->data, capped->ids->len * 4);
  g_assert_cmpfloat (g_array_index (plain->log_probs, float, 0), ==,
                     g_array_index (capped->log_probs, float, 0));
  for (guint i = 1; i < plain->ids->len; i++)
    largest = MAX (largest, fabs (g_array_index (plain->log_probs, float, i)
                                  - g_array_index (capped->log_probs, float, i)));
  g_assert_cmpfloat (largest, >, 1e-3);
}

static void
test_same_seed_should_draw_the_same (void)
{
  GlossCaptionRequest request = { .sampling = { .temperature = 2, .seed = 5 }, .max_tokens = 20 };
  guint n_different = 0;
  Demo demo;

  demo_init (&demo);

  g_autoptr (GlossImage) image = load_picture ("demo/pictures", "04-a-teapot.png");
  g_autoptr (GlossCaption) first =
      gloss_captioner_run (demo.captioner, image, &request, NULL, NULL, NULL, NULL);
  g_autoptr (GlossCaption) again =
      gloss_captioner_run (demo.captioner, image, &request, NULL, NULL, NULL, NULL);

  g_assert_cmpstr (first->text, ==, again->text);
  for (guint seed = 6; seed < 16; seed++)
    {
      g_autoptr (GlossCaption) other = NULL;

      request.sampling.seed = seed;
      other = gloss_captioner_run (demo.captioner, image, &request, NULL, NULL, NULL, NULL);
      n_different += strcmp (other->text, first->text) != 0;
    }
  g_assert_cmpuint (n_different, >, 0);
  demo_clear (&demo);
}

/* What the watcher was told, as "L0/7 L1/7 … R0/6 … W0/0 ". */
static void
note_phase (GlossCaptionPhase phase, guint n_done, guint n_total, gpointer user_data)
{
  g_string_append_printf (user_data, "%c%u/%u ", "LRW"[phase], n_done, n_total);
}

static char *
list_phases (const GlossModelConfig *config, gboolean looks)
{
  GString *list = g_string_new (NULL);

  for (guint i = 0; looks && i <= config->vit_depth; i++)
    note_phase (GLOSS_CAPTION_LOOKING, i, (guint) config->vit_depth, list);
  for (guint i = 0; i <= config->depth; i++)
    note_phase (GLOSS_CAPTION_READING, i, (guint) config->depth, list);
  note_phase (GLOSS_CAPTION_WRITING, 0, 0, list);
  return g_string_free (list, FALSE);
}

static void
run_and_expect (Demo *demo, const char *picture, guint64 key, gboolean looks, const char *text)
{
  GlossCaptionRequest request = { .image_key = key };
  g_autoptr (GString) told = g_string_new (NULL);
  g_autofree char *expected = list_phases (gloss_model_get_config (demo->model), looks);
  g_autoptr (GlossImage) image = load_picture ("demo/pictures", picture);
  g_autoptr (GlossCaption) caption = NULL;

  gloss_captioner_watch (demo->captioner, note_phase, told);
  caption = gloss_captioner_run (demo->captioner, image, &request, NULL, NULL, NULL, NULL);
  g_assert_cmpstr (caption->text, ==, text);
  g_assert_cmpstr (told->str, ==, expected);
}

static void
test_a_named_picture_should_be_looked_at_once (void)
{
  const char *teapot = "04-a-teapot.png", *tooth = "06-a-tooth.png";
  Demo demo;

  demo_init (&demo);
  run_and_expect (&demo, teapot, 7, TRUE, "a teapot");
  run_and_expect (&demo, teapot, 7, FALSE, "a teapot");
  run_and_expect (&demo, tooth, 0, TRUE, "a tooth");
  run_and_expect (&demo, teapot, 7, FALSE, "a teapot"); /* one without a name does not disturb */
  run_and_expect (&demo, tooth, 8, TRUE, "a tooth");
  run_and_expect (&demo, teapot, 7, TRUE, "a teapot");
  demo_clear (&demo);
}

static void
test_a_stopped_look_should_not_be_kept (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GlossCaptionRequest request = { .image_key = 7 };
  Demo demo;

  demo_init (&demo);

  g_autoptr (GlossImage) image = load_picture ("demo/pictures", "04-a-teapot.png");

  g_cancellable_cancel (cancellable);
  g_assert_null (
      gloss_captioner_run (demo.captioner, image, &request, NULL, NULL, cancellable, NULL));
  run_and_expect (&demo, "04-a-teapot.png", 7, TRUE, "a teapot");
  demo_clear (&demo);
}

static void
cancel_at_first_word (const char *text, gpointer user_data)
{
  g_cancellable_cancel (user_data);
}

static void
test_stopping_should_end_the_job_and_no_other (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GlossCaptionRequest request = { 0 };
  Demo demo;

  demo_init (&demo);

  g_autoptr (GlossImage) image = load_picture ("demo/pictures", "04-a-teapot.png");

  g_assert_null (gloss_captioner_run (demo.captioner, image, &request, cancel_at_first_word,
                                      cancellable, cancellable, &error));
  gloss_assert_error_says (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "stopped");
  g_assert_null (
      gloss_captioner_run (demo.captioner, image, &request, NULL, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);

  g_autoptr (GlossCaption) caption =
      gloss_captioner_run (demo.captioner, image, &request, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (caption->text, ==, "a teapot");
  demo_clear (&demo);
}

static void
test_max_tokens_should_be_kept (void)
{
  GlossCaptionRequest request = { .max_tokens = 2 };
  Demo demo;

  demo_init (&demo);
  for (guint beams = 1; beams <= 4; beams += 3)
    {
      g_autoptr (GlossImage) image =
          load_picture ("demo/pictures", "02-an-orange-on-a-gray-background.png");
      g_autoptr (GlossCaption) caption = NULL;

      request.n_beams = beams;
      caption = gloss_captioner_run (demo.captioner, image, &request, NULL, NULL, NULL, NULL);
      g_assert_cmpuint (caption->ids->len, <=, 2);
      g_assert_cmpuint (caption->ids->len, >=, 1);
    }
  demo_clear (&demo);
}

static void
cut_at_first_word (const char *text, gpointer user_data)
{
  g_assert_cmpint (truncate (user_data, 50000), ==, 0);
}

/* A weight file that is cut, before a job or in its middle, ends the job with a sentence. */
static void
test_a_changed_file_should_end_the_job (void)
{
  static const char *const names[] = { "config.json", "model.safetensors", "tokenizer.model" };
  char *folder = gloss_test_folder_new ();
  g_autofree char *weights = g_build_filename (folder, "model.safetensors", NULL);
  g_autofree char *tokenizer_path = g_build_filename (folder, "tokenizer.model", NULL);
  g_autoptr (GError) error = NULL;
  GlossCaptionRequest request = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *relative = g_build_filename ("demo", names[i], NULL);
      g_autofree char *from = gloss_test_data_path (relative);
      g_autofree char *to = g_build_filename (folder, names[i], NULL);
      g_autofree char *bytes = NULL;
      gsize n_bytes;

      g_assert_true (g_file_get_contents (from, &bytes, &n_bytes, NULL));
      g_assert_true (g_file_set_contents (to, bytes, (gssize) n_bytes, NULL));
    }

  g_autoptr (GlossModel) model = gloss_model_load (folder, NULL, &error);
  g_autoptr (GlossTokenizer) tokenizer = gloss_tokenizer_load (tokenizer_path, &error);
  g_autoptr (GlossPool) pool = gloss_pool_new (2);
  g_autoptr (GlossCaptioner) captioner = gloss_captioner_new (model, tokenizer, pool, &error);
  g_autoptr (GlossImage) image = load_picture ("demo/pictures", "04-a-teapot.png");

  g_assert_no_error (error);
  g_assert_null (
      gloss_captioner_run (captioner, image, &request, cut_at_first_word, weights, NULL, &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_CHANGED, "model.safetensors");
  g_assert_null (gloss_captioner_run (captioner, image, &request, NULL, NULL, NULL, &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_CHANGED, "model.safetensors");
  gloss_test_folder_remove (folder);
}

int
main (int argc, char **argv)
{
  static const char *const fixtures[] = { "paligemma1", "paligemma2", "paligemma2-27b-like" };

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/captioner/demo-pictures-should-get-their-captions",
                   test_demo_pictures_should_get_their_captions);
  for (guint i = 0; i < G_N_ELEMENTS (fixtures); i++)
    {
      g_autofree char *path = g_strdup_printf (
          "/model/captioner/%s/photographs-should-get-the-reference-answers", fixtures[i]);

      g_test_add_data_func (path, fixtures[i], test_photographs_should_get_the_reference_answers);
    }
  for (guint i = 0; i < G_N_ELEMENTS (fixtures); i++)
    {
      g_autofree char *path =
          g_strdup_printf ("/model/captioner/%s/junk-rows-should-never-be-chosen", fixtures[i]);

      g_test_add_data_func (path, fixtures[i], test_junk_rows_should_never_be_chosen);
    }
  g_test_add_func ("/model/captioner/softcap-should-begin-with-the-second-token",
                   test_softcap_should_begin_with_the_second_token);
  g_test_add_func ("/model/captioner/same-seed-should-draw-the-same",
                   test_same_seed_should_draw_the_same);
  g_test_add_func ("/model/captioner/a-named-picture-should-be-looked-at-once",
                   test_a_named_picture_should_be_looked_at_once);
  g_test_add_func ("/model/captioner/a-stopped-look-should-not-be-kept",
                   test_a_stopped_look_should_not_be_kept);
  g_test_add_func ("/model/captioner/stopping-should-end-the-job-and-no-other",
                   test_stopping_should_end_the_job_and_no_other);
  g_test_add_func ("/model/captioner/max-tokens-should-be-kept", test_max_tokens_should_be_kept);
  g_test_add_func ("/model/captioner/a-changed-file-should-end-the-job",
                   test_a_changed_file_should_end_the_job);
  return g_test_run ();
}
