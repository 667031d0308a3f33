/*
 * A row with a number to change.
 *
 * A spin button puts back what it cannot read as soon as the focus leaves it, so that whoever
 * presses the button that starts something never learns that it was not what is written there.
 * Here what is written stays, and is said to be wrong.
 */
#include "app/number-row.h"

#include <glib/gi18n.h>
#include <math.h>

/* Rates of which the steps are half the first digit never come to 0. */
#define RATE_STEP 0.5

struct _GlossNumberRow
{
  AdwActionRow parent_instance;

  GtkSpinButton *spin; /* in the row */
  char *explanation;   /* owned */
  GlossNumberKind kind;
  double min, max;
  double value;
  gboolean is_valid;
  gboolean is_typed;   /* the text is a person's, and not made of the value */
  gboolean is_writing; /* the text is being made of the value */
};

enum
{
  CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GlossNumberRow, gloss_number_row, ADW_TYPE_ACTION_ROW)

gboolean
gloss_number_parse (const char *text, GlossNumberKind kind, double *out_value)
{
  g_autofree char *stripped = g_strstrip (g_strdup (text));
  char *end;
  double value = g_strtod (stripped, &end);

  if (end == stripped || *end || !isfinite (value)
      || (kind == GLOSS_NUMBER_WHOLE && value != floor (value)))
    return FALSE;
  *out_value = value;
  return TRUE;
}

char *
gloss_number_format (double value, GlossNumberKind kind)
{
  switch (kind)
    {
    case GLOSS_NUMBER_WHOLE:
      return g_strdup_printf ("%.0f", value);
    case GLOSS_NUMBER_REAL:
      return g_strdup_printf ("%.*f", value == floor (value) ? 0 : 1, value);
    case GLOSS_NUMBER_RATE:
      return g_strdup_printf ("%.3g", value);
    }
  g_assert_not_reached ();
}

static void
set_step (GlossNumberRow *row)
{
  GtkAdjustment *adjustment = gtk_spin_button_get_adjustment (row->spin);
  double step = row->kind == GLOSS_NUMBER_RATE && row->value > 0
                    ? RATE_STEP * pow (10, floor (log10 (row->value) + 1e-9))
                    : 1;

  gtk_adjustment_set_step_increment (adjustment, step);
  gtk_adjustment_set_page_increment (adjustment, 10 * step);
}

static char *
describe_range (GlossNumberRow *row)
{
  g_autofree char *min = gloss_number_format (row->min, row->kind);
  g_autofree char *max = gloss_number_format (row->max, row->kind);

  switch (row->kind)
    {
    case GLOSS_NUMBER_WHOLE:
      return g_strdup_printf (_ ("A whole number from %s to %s"), min, max);
    case GLOSS_NUMBER_REAL:
      return g_strdup_printf (_ ("A number from %s to %s"), min, max);
    case GLOSS_NUMBER_RATE:
      return g_strdup_printf (_ ("A number above 0, and no more than %s"), max);
    }
  g_assert_not_reached ();
}

static void
show_validity (GlossNumberRow *row)
{
  g_autofree char *words = row->is_valid ? g_strdup (row->explanation) : describe_range (row);

  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), words);
  gtk_accessible_update_state (
      GTK_ACCESSIBLE (row->spin), GTK_ACCESSIBLE_STATE_INVALID,
      row->is_valid ? GTK_ACCESSIBLE_INVALID_FALSE : GTK_ACCESSIBLE_INVALID_TRUE, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row->spin), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  words, -1);
  if (row->is_valid)
    gtk_widget_remove_css_class (GTK_WIDGET (row), "invalid");
  else
    gtk_widget_add_css_class (GTK_WIDGET (row), "invalid");
}

static void
write_value (GlossNumberRow *row)
{
  g_autofree char *text = gloss_number_format (row->value, row->kind);

  row->is_writing = TRUE;
  gtk_editable_set_text (GTK_EDITABLE (row->spin), text);
  row->is_writing = FALSE;
  row->is_typed = FALSE;
  row->is_valid = TRUE;
  show_validity (row);
}

static gboolean
parse (GlossNumberRow *row, double *out_value)
{
  return gloss_number_parse (gtk_editable_get_text (GTK_EDITABLE (row->spin)), row->kind, out_value)
         && *out_value >= row->min && *out_value <= row->max;
}

static void
typed (GtkEditable *editable, GlossNumberRow *row)
{
  double value;

  if (row->is_writing)
    return;
  row->is_typed = TRUE;
  row->is_valid = parse (row, &value);
  if (row->is_valid)
    {
      row->value = value;
      set_step (row);
      gtk_spin_button_set_value (row->spin, value);
    }
  show_validity (row);
  g_signal_emit (row, signals[CHANGED], 0);
}

/* What is written is no news to the adjustment. */
static int
read_text (GtkSpinButton *spin, double *new_value, GlossNumberRow *row)
{
  *new_value = row->value;
  return TRUE;
}

static gboolean
show_text (GtkSpinButton *spin, GlossNumberRow *row)
{
  return TRUE;
}

/* By arrows and buttons. */
static void
spun (GtkSpinButton *spin, GlossNumberRow *row)
{
  double value = gtk_spin_button_get_value (spin);

  if (value == row->value)
    return;
  row->value = value;
  set_step (row);
  write_value (row);
  g_signal_emit (row, signals[CHANGED], 0);
}

static void
gloss_number_row_constructed (GObject *object)
{
  GlossNumberRow *row = GLOSS_NUMBER_ROW (object);

  G_OBJECT_CLASS (gloss_number_row_parent_class)->constructed (object);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), GTK_WIDGET (row->spin));
}

static void
gloss_number_row_finalize (GObject *object)
{
  g_free (GLOSS_NUMBER_ROW (object)->explanation);
  G_OBJECT_CLASS (gloss_number_row_parent_class)->finalize (object);
}

static void
gloss_number_row_class_init (GlossNumberRowClass *klass)
{
  G_OBJECT_CLASS (klass)->constructed = gloss_number_row_constructed;
  G_OBJECT_CLASS (klass)->finalize = gloss_number_row_finalize;
  signals[CHANGED] = g_signal_new ("changed", GLOSS_TYPE_NUMBER_ROW, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
gloss_number_row_init (GlossNumberRow *row)
{
  row->spin = GTK_SPIN_BUTTON (gtk_spin_button_new_with_range (0, 1, 1));
  /* it would take the locale's point for a letter */
  gtk_spin_button_set_numeric (row->spin, FALSE);
  row->max = 1;
  row->is_valid = TRUE;
  gtk_widget_set_valign (GTK_WIDGET (row->spin), GTK_ALIGN_CENTER);
  gtk_editable_set_width_chars (GTK_EDITABLE (row->spin), 7);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (row->spin), 7);
  g_signal_connect (row->spin, "input", G_CALLBACK (read_text), row);
  g_signal_connect (row->spin, "output", G_CALLBACK (show_text), row);
  g_signal_connect (row->spin, "value-changed", G_CALLBACK (spun), row);
  g_signal_connect (row->spin, "changed", G_CALLBACK (typed), row);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), GTK_WIDGET (row->spin));
}

void
gloss_number_row_set_range (GlossNumberRow *row, GlossNumberKind kind, double min, double max)
{
  if (!row->explanation)
    row->explanation = g_strdup (adw_action_row_get_subtitle (ADW_ACTION_ROW (row)));
  row->kind = kind;
  row->min = min;
  row->max = max;
  gtk_accessible_update_property (GTK_ACCESSIBLE (row->spin), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  adw_preferences_row_get_title (ADW_PREFERENCES_ROW (row)), -1);
  row->is_writing = TRUE;
  gtk_spin_button_set_range (row->spin, min, max);
  row->is_writing = FALSE;
  gloss_number_row_set_value (row, CLAMP (row->value, min, max));
}

void
gloss_number_row_set_value (GlossNumberRow *row, double value)
{
  row->value = value;
  set_step (row);
  row->is_writing = TRUE;
  gtk_spin_button_set_value (row->spin, value);
  row->is_writing = FALSE;
  write_value (row);
}

double
gloss_number_row_get_value (GlossNumberRow *row)
{
  return row->value;
}

gboolean
gloss_number_row_is_valid (GlossNumberRow *row)
{
  return row->is_valid;
}
