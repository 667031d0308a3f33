/* The rows of a table of the loss. */
#include "app/loss-rows.h"

#include "app/chart-axis.h"

#define FOLLOW_SECONDS 1

enum
{
  PROP_STEP = 1,
  PROP_LOSS,
  PROP_SMOOTHED,
  PROP_VALIDATION,
  N_PROPS
};

struct _GlossLossRow
{
  GObject parent_instance;

  char *texts[N_PROPS]; /* owned; by property */
};

G_DEFINE_FINAL_TYPE (GlossLossRow, gloss_loss_row, G_TYPE_OBJECT)

/* A validation in whose step there is no point. */
typedef struct
{
  guint row;
  guint validation;
} Lone;

struct _GlossLossRows
{
  GObject parent_instance;

  GlossLossSeries *series; /* owned reference */
  /* as of the last time that it was looked at */
  GArray *lone; /* owned; of Lone, rising */
  guint n_points;
  guint n_validations;
  guint n_rewinds;
  guint follow_id; /* of the timeout, or 0 */
};

static void gloss_loss_rows_list_model_init (GListModelInterface *interface);

G_DEFINE_FINAL_TYPE_WITH_CODE (GlossLossRows, gloss_loss_rows, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      gloss_loss_rows_list_model_init))

static void
gloss_loss_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GlossLossRow *row = GLOSS_LOSS_ROW (object);

  if (id >= PROP_STEP && id < N_PROPS)
    g_value_set_string (value, row->texts[id] ? row->texts[id] : "");
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
gloss_loss_row_finalize (GObject *object)
{
  GlossLossRow *row = GLOSS_LOSS_ROW (object);

  for (guint i = 0; i < N_PROPS; i++)
    g_free (row->texts[i]);
  G_OBJECT_CLASS (gloss_loss_row_parent_class)->finalize (object);
}

static void
gloss_loss_row_class_init (GlossLossRowClass *klass)
{
  static const char *const names[N_PROPS] = { NULL, "step", "loss", "smoothed", "validation" };
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = gloss_loss_row_get_property;
  object_class->finalize = gloss_loss_row_finalize;
  for (guint i = PROP_STEP; i < N_PROPS; i++)
    g_object_class_install_property (
        object_class, i,
        g_param_spec_string (names[i], NULL, NULL, "", G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
}

static void
gloss_loss_row_init (GlossLossRow *row)
{
}

static guint
get_n_rows (GlossLossRows *rows)
{
  return rows->n_points + rows->lone->len;
}

/* How many validations without a point are above @row. */
static guint
count_lone (GlossLossRows *rows, guint row)
{
  guint begin = 0, end = rows->lone->len;

  while (begin < end)
    {
      guint middle = begin + (end - begin) / 2;

      if (g_array_index (rows->lone, Lone, middle).row < row)
        begin = middle + 1;
      else
        end = middle;
    }
  return begin;
}

/* Counts what the series has now. The steps of both rise, so one walk over the validations, each
 * with a search among the points, finds those that stand alone. */
static void
look (GlossLossRows *rows)
{
  const GlossLossPoint *points = gloss_loss_series_get_points (rows->series, &rows->n_points);
  const GlossLossValidation *validations =
      gloss_loss_series_get_validations (rows->series, &rows->n_validations);

  rows->n_rewinds = gloss_loss_series_get_n_rewinds (rows->series);
  g_array_set_size (rows->lone, 0);
  for (guint i = 0; i < rows->n_validations; i++)
    {
      int nearest = gloss_loss_series_find_nearest (rows->series, validations[i].step);
      guint n_before = nearest < 0 ? 0 : (guint) nearest;
      Lone one = { .validation = i };

      if (nearest >= 0 && points[nearest].step == validations[i].step)
        continue;
      n_before += nearest >= 0 && points[nearest].step < validations[i].step;
      one.row = n_before + rows->lone->len;
      g_array_append_val (rows->lone, one);
    }
}

/* The first row that is not as it was; everything up to there has its point and its validation. */
static guint
find_changed (GlossLossRows *rows, const GArray *lone, guint n_rows, guint n_validations)
{
  const GlossLossValidation *validations;
  guint n;
  int point;

  for (guint i = 0; i < lone->len; i++)
    if (i >= rows->lone->len
        || g_array_index (lone, Lone, i).row != g_array_index (rows->lone, Lone, i).row)
      return 0;
  if (rows->n_validations == n_validations)
    return n_rows;
  validations = gloss_loss_series_get_validations (rows->series, &n);
  point = gloss_loss_series_find_nearest (rows->series, validations[n_validations].step);
  /* at or before its row, whatever stands between */
  return MIN (n_rows, (guint) MAX (point, 0));
}

static gboolean
follow (gpointer data)
{
  GlossLossRows *rows = data;
  g_autoptr (GArray) lone = g_array_copy (rows->lone);
  guint n_rows = get_n_rows (rows), n_validations = rows->n_validations;
  gboolean is_rewound = gloss_loss_series_get_n_rewinds (rows->series) != rows->n_rewinds;
  guint changed;

  rows->follow_id = 0;
  look (rows);
  changed = is_rewound ? 0 : find_changed (rows, lone, n_rows, n_validations);
  g_list_model_items_changed (G_LIST_MODEL (rows), changed, n_rows - changed,
                              get_n_rows (rows) - changed);
  return G_SOURCE_REMOVE;
}

static void
series_changed (GlossLossRows *rows)
{
  if (gloss_loss_series_get_n_rewinds (rows->series) != rows->n_rewinds)
    {
      /* at once: the rows that are forgotten cannot be asked for */
      g_clear_handle_id (&rows->follow_id, g_source_remove);
      follow (rows);
    }
  else if (rows->follow_id == 0)
    rows->follow_id = g_timeout_add_seconds (FOLLOW_SECONDS, follow, rows);
}

static GType
gloss_loss_rows_get_item_type (GListModel *model)
{
  return GLOSS_TYPE_LOSS_ROW;
}

static guint
gloss_loss_rows_get_n_items (GListModel *model)
{
  return get_n_rows (GLOSS_LOSS_ROWS (model));
}

static gpointer
gloss_loss_rows_get_item (GListModel *model, guint position)
{
  GlossLossRows *rows = GLOSS_LOSS_ROWS (model);
  guint n, n_lone = count_lone (rows, position);
  GlossLossRow *row;
  int validation = -1;
  guint step = 0;

  if (position >= get_n_rows (rows))
    return NULL;
  row = g_object_new (GLOSS_TYPE_LOSS_ROW, NULL);
  if (n_lone < rows->lone->len && g_array_index (rows->lone, Lone, n_lone).row == position)
    {
      validation = (int) g_array_index (rows->lone, Lone, n_lone).validation;
      step = gloss_loss_series_get_validations (rows->series, &n)[validation].step;
    }
  else
    {
      const GlossLossPoint *point =
          &gloss_loss_series_get_points (rows->series, &n)[position - n_lone];

      step = point->step;
      row->texts[PROP_LOSS] = gloss_chart_format_value (point->loss);
      row->texts[PROP_SMOOTHED] = gloss_chart_format_value (point->smoothed);
      validation = gloss_loss_series_find_validation (rows->series, step);
    }
  row->texts[PROP_STEP] = gloss_chart_format_count (step);
  if (validation >= 0)
    row->texts[PROP_VALIDATION] = gloss_chart_format_value (
        gloss_loss_series_get_validations (rows->series, &n)[validation].loss);
  return row;
}

static void
gloss_loss_rows_list_model_init (GListModelInterface *interface)
{
  interface->get_item_type = gloss_loss_rows_get_item_type;
  interface->get_n_items = gloss_loss_rows_get_n_items;
  interface->get_item = gloss_loss_rows_get_item;
}

static void
gloss_loss_rows_finalize (GObject *object)
{
  GlossLossRows *rows = GLOSS_LOSS_ROWS (object);

  g_clear_handle_id (&rows->follow_id, g_source_remove);
  g_clear_object (&rows->series);
  g_array_unref (rows->lone);
  G_OBJECT_CLASS (gloss_loss_rows_parent_class)->finalize (object);
}

static void
gloss_loss_rows_class_init (GlossLossRowsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gloss_loss_rows_finalize;
}

static void
gloss_loss_rows_init (GlossLossRows *rows)
{
  rows->lone = g_array_new (FALSE, FALSE, sizeof (Lone));
}

GlossLossRows *
gloss_loss_rows_new (GlossLossSeries *series)
{
  GlossLossRows *rows = g_object_new (GLOSS_TYPE_LOSS_ROWS, NULL);

  rows->series = g_object_ref (series);
  look (rows);
  g_signal_connect_object (series, "changed", G_CALLBACK (series_changed), rows, G_CONNECT_SWAPPED);
  return rows;
}
