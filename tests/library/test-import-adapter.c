/* An adapter that PEFT trained becomes a model that is found and loads with the same values. */
#include "base/error.h"
#include "library/found-models.h"
#include "library/import-adapter.h"
#include "model/adapter.h"
#include "support/asserts.h"

#include <string.h>

static void
test_it_should_be_found_and_equal (void)
{
  char *models = gloss_test_folder_new ();
  g_autofree char *peft = gloss_test_path ("fixtures/paligemma2/peft");
  g_autofree char *base_path = gloss_test_path ("fixtures/paligemma2/hf");
  g_autofree char *tokenizer = gloss_test_data_path ("demo/tokenizer.model");
  g_autofree char *path = NULL;
  g_autofree char *again = NULL;
  g_autoptr (GlossModel) base = NULL;
  g_autoptr (GlossModel) wanted = NULL;
  g_autoptr (GlossModel) model = NULL;
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (GError) error = NULL;
  const char *folders[GLOSS_N_MODEL_PLACES] = { [GLOSS_MODEL_PLACE_GLOSS] = models };
  const GlossLora *a, *b;

  path = gloss_import_adapter (peft, base_path, tokenizer, models, "mine", &error);
  g_assert_no_error (error);
  found = gloss_found_models_list (folders, NULL);
  g_assert_cmpuint (found->len, ==, 1);
  g_assert_cmpstr (((GlossFoundModel *) g_ptr_array_index (found, 0))->name, ==, "mine");
  g_assert_null (((GlossFoundModel *) g_ptr_array_index (found, 0))->missing);

  model = gloss_model_load (path, NULL, &error);
  g_assert_no_error (error);
  base = gloss_model_load (base_path, NULL, &error);
  wanted = gloss_adapter_apply (base, peft, &error);
  g_assert_no_error (error);
  a = gloss_model_get_lora (model, GLOSS_TENSOR_QUERY_KERNEL, 0);
  b = gloss_model_get_lora (wanted, GLOSS_TENSOR_QUERY_KERNEL, 0);
  g_assert_cmpuint (a->rank, ==, b->rank);
  g_assert_cmpmem (a->b, 4 * a->rank, b->b, 4 * b->rank);

  again = gloss_import_adapter (peft, base_path, tokenizer, models, "mine", &error);
  g_assert_null (again);
  gloss_assert_error_says (&error, G_IO_ERROR, G_IO_ERROR_EXISTS, "mine");
  gloss_test_folder_remove (models);
}

/* And leaves nothing. */
static void
test_of_another_model_it_should_be_refused (void)
{
  char *models = gloss_test_folder_new ();
  g_autofree char *peft = gloss_test_path ("fixtures/paligemma2/peft");
  g_autofree char *demo = gloss_test_data_path ("demo");
  g_autofree char *tokenizer = gloss_test_data_path ("demo/tokenizer.model");
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = NULL;

  g_assert_null (gloss_import_adapter (peft, demo, tokenizer, models, "mine", &error));
  g_assert_error (error, GLOSS_ERROR, GLOSS_ERROR_MISMATCH);
  g_clear_error (&error);
  g_assert_null (gloss_import_adapter (peft, demo, tokenizer, models, "a/b", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME);
  dir = g_dir_open (models, 0, NULL);
  g_assert_null (g_dir_read_name (dir));
  gloss_test_folder_remove (models);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/library/import-adapter/it-should-be-found-and-equal",
                   test_it_should_be_found_and_equal);
  g_test_add_func ("/library/import-adapter/of-another-model-it-should-be-refused",
                   test_of_another_model_it_should_be_refused);
  return g_test_run ();
}
