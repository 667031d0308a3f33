/* Runs of fine-tuning: settings, records, a whole run on the demo, and the model made of it. */
#include "base/error.h"
#include "library/models-folder.h"
#include "library/tuning-record.h"
#include "library/tuning.h"
#include "model/model.h"
#include "model/tuned.h"
#include "support/asserts.h"

#include <glib/gstdio.h>
#include <string.h>

static void
test_settings_should_come_back (void)
{
  g_autoptr (GlossTuningSettings) settings = gloss_tuning_settings_new ();
  g_autoptr (GlossTuningSettings) back = NULL;
  g_autoptr (GlossTuningSettings) copy = NULL;
  g_autoptr (json_t) object = NULL;
  g_autoptr (json_t) again = NULL;
  g_autofree char *text = NULL;

  settings->base_path = g_strdup ("/models/\xff not UTF-8/%");
  settings->base_name = g_strdup ("Prüfung");
  settings->preset = g_strdup ("quick");
  settings->epochs = 2.5;
  settings->keeps_case = TRUE;
  settings->train.set = GLOSS_TRAIN_LORA;
  settings->train.projections = 5;
  settings->trainer.optimizer.kind = GLOSS_OPTIMIZER_ADAMW;
  settings->trainer.optimizer.beta2 = 0.95f;
  settings->trainer.seed = 12345678901234;
  settings->trainer.keeps_best = TRUE;
  copy = gloss_tuning_settings_copy (settings);
  object = gloss_tuning_settings_to_json (copy);
  text = json_dumps (object, 0);
  again = gloss_json_parse (text, strlen (text), 1 << 20, "settings", NULL);
  back = gloss_tuning_settings_from_json (again);
  g_assert_cmpstr (back->base_path, ==, settings->base_path);
  g_assert_cmpstr (back->base_name, ==, settings->base_name);
  g_assert_null (back->data_path);
  {
    g_autoptr (json_t) second = gloss_tuning_settings_to_json (back);

    g_assert_true (json_equal (object, second));
  }
  g_assert_cmpuint (gloss_tuning_settings_count_steps (back, 80), ==, 25);
  g_assert_cmpuint (gloss_tuning_settings_count_steps (back, 1), ==, 1);
}

/* Whatever somebody wrote into the file. */
static void
test_wrong_settings_should_be_left_out (void)
{
  static const char text[] =
      "{\"batch\": -4, \"learning_rate\": \"high\", \"warmup\": 7, \"train\": "
      "99, \"base_path\": 3, \"prompt\": \"%zz\", \"max_ids\": 64}";
  g_autoptr (json_t) object = gloss_json_parse (text, strlen (text), 4096, "settings", NULL);
  g_autoptr (GlossTuningSettings) settings = gloss_tuning_settings_from_json (object);
  g_autoptr (GlossTuningSettings) none = gloss_tuning_settings_from_json (NULL);

  g_assert_cmpuint (settings->trainer.batch, ==, none->trainer.batch);
  g_assert_cmpfloat (settings->trainer.learning_rate, ==, none->trainer.learning_rate);
  g_assert_cmpfloat (settings->trainer.warmup_frac, ==, none->trainer.warmup_frac);
  g_assert_cmpint (settings->train.set, ==, none->train.set);
  g_assert_null (settings->base_path);
  g_assert_null (settings->prompt);
  g_assert_cmpuint (settings->max_ids, ==, 64);
}

static void
test_records_should_be_listed (void)
{
  g_autoptr (GlossTuningSettings) settings = gloss_tuning_settings_new ();
  g_autoptr (GlossTuningRecord) first = NULL;
  g_autoptr (GlossTuningRecord) second = NULL;
  g_autoptr (GPtrArray) records = NULL;
  g_autoptr (GError) error = NULL;
  const GlossTuningRecord *listed;

  settings->data_path = g_strdup ("/pictures");
  first = gloss_tuning_record_new (settings, "first", &error);
  g_assert_no_error (error);
  second = gloss_tuning_record_new (settings, "second", &error);
  g_assert_no_error (error);
  first->state = GLOSS_TUNING_FAILED;
  first->message = g_strdup ("the disk is full");
  g_assert_true (gloss_tuning_record_write (first, NULL));

  /* one that runs is told from one whose program has ended */
  records = gloss_tuning_records_list ();
  g_assert_cmpuint (records->len, ==, 2);
  listed = g_ptr_array_index (records, 0);
  g_assert_cmpstr (listed->title, ==, "second");
  g_assert_cmpint (listed->state, ==, GLOSS_TUNING_RUNNING);
  listed = g_ptr_array_index (records, 1);
  g_assert_cmpstr (listed->title, ==, "first");
  g_assert_cmpint (listed->state, ==, GLOSS_TUNING_FAILED);
  g_assert_cmpstr (listed->message, ==, "the disk is full");
  g_assert_cmpstr (listed->settings->data_path, ==, "/pictures");
  g_assert_false (gloss_tuning_record_lock ((GlossTuningRecord *) listed, &error));
  gloss_assert_error_says (&error, G_IO_ERROR, G_IO_ERROR_BUSY, "another");
  g_clear_pointer (&records, g_ptr_array_unref);
  g_clear_pointer (&second, gloss_tuning_record_free);
  records = gloss_tuning_records_list ();
  listed = g_ptr_array_index (records, 0);
  g_assert_cmpint (listed->state, ==, GLOSS_TUNING_INTERRUPTED);

  g_assert_true (gloss_tuning_record_delete ((GlossTuningRecord *) listed, &error));
  g_clear_pointer (&records, g_ptr_array_unref);
  g_assert_true (gloss_tuning_record_delete (first, &error));
  records = gloss_tuning_records_list ();
  g_assert_cmpuint (records->len, ==, 0);
  g_assert_false (g_file_test (first->folder, G_FILE_TEST_EXISTS));
}

static void
make_data (const char *folder)
{
  static const char *const names[] = { "04-a-teapot", "06-a-tooth", "08-a-zebra",
                                       "12-a-cup-of-coffee" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *relative = g_strdup_printf ("demo/pictures/%s.png", names[i]);
      g_autofree char *from = gloss_test_data_path (relative);
      g_autofree char *to = g_strdup_printf ("%s/%s.png", folder, names[i]);
      g_autofree char *words = g_strdup_printf ("%s/%s.txt", folder, names[i]);
      g_autofree char *data = NULL;
      gsize n_bytes;

      g_assert_true (g_file_get_contents (from, &data, &n_bytes, NULL));
      g_assert_true (g_file_set_contents (to, data, (gssize) n_bytes, NULL));
      g_assert_true (g_file_set_contents (words, names[i] + 3, -1, NULL));
    }
}

static void
count_step (const GlossTrainStep *step, gpointer user_data)
{
  guint *n_steps = user_data;

  ++*n_steps;
}

/* To its end, saved, and loaded; then the same name once more, and names that are none. */
static void
test_a_run_should_become_a_model (void)
{
  char *data = gloss_test_folder_new ();
  g_autofree char *demo = gloss_test_data_path ("demo");
  g_autoptr (GlossTuningSettings) settings = gloss_tuning_settings_new ();
  g_autoptr (GlossTuningRecord) record = NULL;
  g_autoptr (GlossTuningRecord) back = NULL;
  g_autoptr (GlossTuning) tuning = NULL;
  g_autoptr (GlossModel) model = NULL;
  g_autoptr (GlossPool) pool = gloss_pool_new (2);
  g_autoptr (GError) error = NULL;
  guint n_steps = 0;
  const GlossTrainObserver observer = { .step = count_step, .user_data = &n_steps };
  static const char *const wrong[] = { "", ".hidden", "a/b", ".." };

  make_data (data);
  settings->base_path = g_strdup (demo);
  settings->data_path = g_strdup (data);
  settings->validation_share = 0.25;
  settings->train.set = GLOSS_TRAIN_LORA;
  settings->train.n_top_layers = 1;
  settings->trainer.n_steps = 2;
  settings->trainer.batch = 2;
  settings->trainer.keeps_snapshot = TRUE;
  record = gloss_tuning_record_new (settings, "a run", &error);
  g_assert_no_error (error);
  tuning = gloss_tuning_open (settings, record->folder, FALSE, pool, &observer, NULL, NULL, NULL,
                              &error);
  g_assert_no_error (error);
  g_assert_cmpuint (gloss_tuning_get_data (tuning)->training->len, ==, 3);
  g_assert_cmpuint (gloss_tuning_get_data (tuning)->validation->len, ==, 1);
  gloss_tuning_run (tuning, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n_steps, ==, 2);
  g_assert_true (gloss_tuning_record_has_snapshot (record));
  g_assert_true (gloss_tuning_record_has_result (record));

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_assert_false (gloss_tuning_record_save (record, wrong[i], &error));
      gloss_assert_error_says (&error, G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME, "name");
    }
  gloss_tuning_record_save (record, "My demo", &error);
  g_assert_no_error (error);
  g_assert_false (gloss_tuning_record_save (record, "My demo", &error));
  gloss_assert_error_says (&error, G_IO_ERROR, G_IO_ERROR_EXISTS, "My demo");
  model = gloss_model_load (record->saved_path, NULL, &error);
  g_assert_no_error (error);
  back = gloss_tuning_record_read (record->folder, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (back->saved_path, ==, record->saved_path);

  /* the model stays when the run goes */
  g_clear_pointer (&model, gloss_model_unref);
  g_assert_true (gloss_tuning_record_delete (record, &error));
  model = gloss_model_load (back->saved_path, NULL, &error);
  g_assert_no_error (error);
  gloss_test_folder_remove (data);
}

static void
test_data_without_captions_should_be_refused (void)
{
  char *data = gloss_test_folder_new ();
  char *out = gloss_test_folder_new ();
  g_autoptr (GlossTuningSettings) settings = gloss_tuning_settings_new ();
  g_autoptr (GlossPool) pool = gloss_pool_new (1);
  g_autoptr (GError) error = NULL;
  const GlossTrainObserver observer = { 0 };

  settings->base_path = gloss_test_data_path ("demo");
  settings->data_path = g_strdup (data);
  g_assert_null (
      gloss_tuning_open (settings, out, FALSE, pool, &observer, NULL, NULL, NULL, &error));
  g_assert_nonnull (error);
  gloss_test_folder_remove (data);
  gloss_test_folder_remove (out);
}

int
main (int argc, char **argv)
{
  char *home = gloss_test_folder_new ();
  int status;

  g_setenv ("XDG_DATA_HOME", home, TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/library/tuning/settings-should-come-back", test_settings_should_come_back);
  g_test_add_func ("/library/tuning/wrong-settings-should-be-left-out",
                   test_wrong_settings_should_be_left_out);
  g_test_add_func ("/library/tuning/records-should-be-listed", test_records_should_be_listed);
  g_test_add_func ("/library/tuning/a-run-should-become-a-model", test_a_run_should_become_a_model);
  g_test_add_func ("/library/tuning/data-without-captions-should-be-refused",
                   test_data_without_captions_should_be_refused);
  status = g_test_run ();
  gloss_test_folder_remove (home);
  return status;
}
