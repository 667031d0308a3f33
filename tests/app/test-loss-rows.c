/* The rows of the table of the loss, held to a plain merge of points and validations. */
#include "app/loss-rows.h"

/* "step|loss|smoothed|validation" */
static char *
get_text (GListModel *rows, guint position)
{
  g_autoptr (GObject) row = g_list_model_get_item (rows, position);
  g_autofree char *step = NULL, *loss = NULL, *smoothed = NULL, *validation = NULL;

  g_assert_nonnull (row);
  g_object_get (row, "step", &step, "loss", &loss, "smoothed", &smoothed, "validation", &validation,
                NULL);
  return g_strdup_printf ("%s|%s|%s|%s", step, loss, smoothed, validation);
}

static void
assert_rows (GListModel *rows, const char *const *expected)
{
  guint n = g_strv_length ((char **) expected);

  g_assert_cmpuint (g_list_model_get_n_items (rows), ==, n);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *text = get_text (rows, i);

      g_assert_cmpstr (text, ==, expected[i]);
    }
  g_assert_null (g_list_model_get_item (rows, n));
}

static void
test_rows_should_be_all_steps (void)
{
  g_autoptr (GlossLossSeries) series = gloss_loss_series_new ();
  g_autoptr (GlossLossRows) rows = NULL;

  gloss_loss_series_append_validation (series, 0, 3);
  gloss_loss_series_append (series, 1, 2, 2.5);
  gloss_loss_series_append (series, 5, 1, 1.5);
  gloss_loss_series_append_validation (series, 2, 4);
  gloss_loss_series_append_validation (series, 3, 5);
  gloss_loss_series_append_validation (series, 5, 6);
  gloss_loss_series_append_validation (series, 9, 7);
  rows = gloss_loss_rows_new (series);
  assert_rows (G_LIST_MODEL (rows),
               (const char *[]){ "0|||3.00", "1|2.00|2.50|", "2|||4.00", "3|||5.00",
                                 "5|1.00|1.50|6.00", "9|||7.00", NULL });
}

static void
mirror (GListModel *rows, guint position, guint n_removed, guint n_added, GPtrArray *texts)
{
  if (n_removed > 0)
    g_ptr_array_remove_range (texts, position, n_removed);
  for (guint i = 0; i < n_added; i++)
    g_ptr_array_insert (texts, (int) (position + i), get_text (rows, position + i));
}

/* Whoever only listens has the same rows as whoever looks. */
static void
test_changes_should_tell_all_that_changed (void)
{
  g_autoptr (GlossLossSeries) series = gloss_loss_series_new ();
  g_autoptr (GlossLossRows) rows = gloss_loss_rows_new (series);
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GRand) random = g_rand_new_with_seed (9);
  guint step = 0;

  g_signal_connect (rows, "items-changed", G_CALLBACK (mirror), texts);
  for (guint round = 0; round < 3; round++)
    {
      gint64 end_usec = g_get_monotonic_time () + 1200 * 1000;

      for (guint i = 0; i < 200; i++)
        {
          if (g_rand_int_range (random, 0, 50) == 0)
            step -= MIN (step, 20);
          if (g_rand_int_range (random, 0, 5) == 0)
            gloss_loss_series_append_validation (series, step, i);
          step += (guint) g_rand_int_range (random, 1, 3);
          gloss_loss_series_append (series, step, i, i);
        }
      while (g_get_monotonic_time () < end_usec)
        g_main_context_iteration (NULL, FALSE) ? (void) 0 : g_usleep (1000);
      g_assert_cmpuint (texts->len, ==, g_list_model_get_n_items (G_LIST_MODEL (rows)));
      for (guint i = 0; i < texts->len; i++)
        {
          g_autofree char *text = get_text (G_LIST_MODEL (rows), i);

          g_assert_cmpstr (text, ==, g_ptr_array_index (texts, i));
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/app/loss-rows/rows-should-be-all-steps", test_rows_should_be_all_steps);
  g_test_add_func ("/app/loss-rows/changes-should-tell-all-that-changed",
                   test_changes_should_tell_all_that_changed);
  return g_test_run ();
}
