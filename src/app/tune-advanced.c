/* All that can be changed of a way to fine-tune. */
#include "app/tune-advanced.h"

#include "app/number-row.h"
#include "app/tune-method-words.h"

#include <glib/gi18n.h>

/* Of more, doubles do not have each. */
#define MAX_SEED 9007199254740991.0
#define MIN_RATE 1e-8
#define MAX_RATE 10

struct _GlossTuneAdvanced
{
  AdwPreferencesGroup parent_instance;

  AdwExpanderRow *expander;
  GtkWidget *reset;
  AdwComboRow *set;
  GlossNumberRow *top_layers;
  GlossNumberRow *rank;
  GlossNumberRow *rate;
  GlossNumberRow *steps;
  GlossNumberRow *epochs;
  GlossNumberRow *batch;
  GlossNumberRow *max_ids;
  GtkSwitch *lower_case;
  GlossNumberRow *tries;
  GlossNumberRow *seed;

  GlossTuneRecipe recipe;
  GlossTuneTask task;
  gboolean is_showing; /* what changes is not the person's doing */
};

enum
{
  CHANGED,
  RESET,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GlossTuneAdvanced, gloss_tune_advanced, ADW_TYPE_PREFERENCES_GROUP)

/* Where the list has them. */
static const GlossTrainSet sets[] = { GLOSS_TRAIN_LORA, GLOSS_TRAIN_ATTENTION, GLOSS_TRAIN_ALL };

static void
show_length (GlossTuneAdvanced *advanced, gboolean steps, gboolean epochs)
{
  if (steps)
    gloss_number_row_set_value (advanced->steps, advanced->recipe.trainer.n_steps);
  if (epochs)
    gloss_number_row_set_value (advanced->epochs,
                                gloss_tune_recipe_get_epochs (&advanced->recipe, &advanced->task));
}

static void
show_set (GlossTuneAdvanced *advanced)
{
  const GlossTuneRecipe *recipe = &advanced->recipe;
  gboolean is_adapter = recipe->train.set == GLOSS_TRAIN_LORA;

  for (guint i = 0; i < G_N_ELEMENTS (sets); i++)
    {
      if (sets[i] == recipe->train.set)
        adw_combo_row_set_selected (advanced->set, i);
    }
  adw_action_row_set_subtitle (ADW_ACTION_ROW (advanced->set),
                               gloss_tune_words_describe_set (recipe->train.set));
  gtk_widget_set_visible (GTK_WIDGET (advanced->rank), is_adapter);
  gloss_number_row_set_value (advanced->rank, is_adapter ? MAX (recipe->train.rank, 1) : 1);
  gloss_number_row_set_value (advanced->top_layers, recipe->train.n_top_layers);
  gloss_number_row_set_value (advanced->rate, recipe->trainer.learning_rate);
}

static void
emit_changed (GlossTuneAdvanced *advanced)
{
  g_signal_emit (advanced, signals[CHANGED], 0);
}

/* What a person changes. */

static void
change_set (GlossTuneAdvanced *advanced)
{
  guint selected = adw_combo_row_get_selected (advanced->set);

  if (advanced->is_showing || selected >= G_N_ELEMENTS (sets))
    return;
  gloss_tune_recipe_set_train (&advanced->recipe, sets[selected], &advanced->task);
  advanced->is_showing = TRUE;
  show_set (advanced);
  advanced->is_showing = FALSE;
  emit_changed (advanced);
}

static void
change_case (GlossTuneAdvanced *advanced)
{
  if (advanced->is_showing)
    return;
  advanced->recipe.keeps_case = !gtk_switch_get_active (advanced->lower_case);
  emit_changed (advanced);
}

static void
take_number (GlossTuneAdvanced *advanced, GlossNumberRow *row)
{
  GlossTuneRecipe *recipe = &advanced->recipe;
  double value = gloss_number_row_get_value (row);

  if (row == advanced->top_layers)
    recipe->train.n_top_layers = (guint) value;
  else if (row == advanced->rank)
    gloss_tune_recipe_set_rank (recipe, (guint) value);
  else if (row == advanced->rate)
    recipe->trainer.learning_rate = value;
  else if (row == advanced->steps)
    gloss_tune_recipe_set_steps (recipe, (guint) value);
  else if (row == advanced->epochs)
    gloss_tune_recipe_set_epochs (recipe, value, &advanced->task);
  else if (row == advanced->batch)
    gloss_tune_recipe_set_batch (recipe, (guint) value, &advanced->task);
  else if (row == advanced->max_ids)
    recipe->max_ids = (guint) value;
  else if (row == advanced->tries)
    recipe->n_tries = (guint) value;
  else if (row == advanced->seed)
    recipe->trainer.seed = (guint64) value;
  show_length (advanced, row == advanced->epochs || (row == advanced->batch && recipe->epochs > 0),
               row == advanced->steps || (row == advanced->batch && recipe->epochs <= 0));
}

static void
change_number (GlossTuneAdvanced *advanced, GlossNumberRow *row)
{
  if (gloss_number_row_is_valid (row))
    take_number (advanced, row);
  emit_changed (advanced);
}

static void
reset (GlossTuneAdvanced *advanced)
{
  g_signal_emit (advanced, signals[RESET], 0);
}

void
gloss_tune_advanced_show (GlossTuneAdvanced *advanced, const GlossTuneRecipe *recipe,
                          const GlossTuneTask *task, guint least_ids)
{
  advanced->recipe = *recipe;
  advanced->task = *task;
  advanced->is_showing = TRUE;
  gloss_number_row_set_range (advanced->top_layers, GLOSS_NUMBER_WHOLE, 0,
                              (double) task->config.depth);
  gloss_number_row_set_range (advanced->max_ids, GLOSS_NUMBER_WHOLE, least_ids, GLOSS_TUNE_MAX_IDS);
  show_set (advanced);
  show_length (advanced, TRUE, TRUE);
  gloss_number_row_set_value (advanced->batch, recipe->trainer.batch);
  gloss_number_row_set_value (advanced->max_ids, MAX (recipe->max_ids, least_ids));
  gtk_switch_set_active (advanced->lower_case, !recipe->keeps_case);
  gloss_number_row_set_value (advanced->tries, recipe->n_tries);
  gloss_number_row_set_value (advanced->seed, (double) recipe->trainer.seed);
  advanced->is_showing = FALSE;
}

void
gloss_tune_advanced_set_name (GlossTuneAdvanced *advanced, const char *name, gboolean is_changed)
{
  adw_expander_row_set_subtitle (advanced->expander, name);
  gtk_widget_set_visible (advanced->reset, is_changed);
}

const GlossTuneRecipe *
gloss_tune_advanced_get_recipe (GlossTuneAdvanced *advanced)
{
  return &advanced->recipe;
}

gboolean
gloss_tune_advanced_is_valid (GlossTuneAdvanced *advanced)
{
  return gloss_number_row_is_valid (advanced->top_layers)
         && gloss_number_row_is_valid (advanced->rank) && gloss_number_row_is_valid (advanced->rate)
         && gloss_number_row_is_valid (advanced->steps)
         && gloss_number_row_is_valid (advanced->epochs)
         && gloss_number_row_is_valid (advanced->batch)
         && gloss_number_row_is_valid (advanced->max_ids)
         && gloss_number_row_is_valid (advanced->tries)
         && gloss_number_row_is_valid (advanced->seed);
}

static void
bind_children (GtkWidgetClass *klass)
{
  gtk_widget_class_bind_template_child (klass, GlossTuneAdvanced, expander);
  gtk_widget_class_bind_template_child (klass, GlossTuneAdvanced, reset);
  gtk_widget_class_bind_template_child (klass, GlossTuneAdvanced, set);
  gtk_widget_class_bind_template_child (klass, GlossTuneAdvanced, top_layers);
  gtk_widget_class_bind_template_child (klass, GlossTuneAdvanced, rank);
  gtk_widget_class_bind_template_child (klass, GlossTuneAdvanced, rate);
  gtk_widget_class_bind_template_child (klass, GlossTuneAdvanced, steps);
  gtk_widget_class_bind_template_child (klass, GlossTuneAdvanced, epochs);
  gtk_widget_class_bind_template_child (klass, GlossTuneAdvanced, batch);
  gtk_widget_class_bind_template_child (klass, GlossTuneAdvanced, max_ids);
  gtk_widget_class_bind_template_child (klass, GlossTuneAdvanced, lower_case);
  gtk_widget_class_bind_template_child (klass, GlossTuneAdvanced, tries);
  gtk_widget_class_bind_template_child (klass, GlossTuneAdvanced, seed);
}

static void
gloss_tune_advanced_class_init (GlossTuneAdvancedClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  signals[CHANGED] = g_signal_new ("changed", GLOSS_TYPE_TUNE_ADVANCED, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
  signals[RESET] = g_signal_new ("reset", GLOSS_TYPE_TUNE_ADVANCED, G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
  g_type_ensure (GLOSS_TYPE_NUMBER_ROW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/gloss/Gloss/tune-advanced.ui");
  bind_children (widget_class);
}

static void
add_number (GlossTuneAdvanced *advanced, GlossNumberRow *row, GlossNumberKind kind, double min,
            double max)
{
  gloss_number_row_set_range (row, kind, min, max);
  g_signal_connect_swapped (row, "changed", G_CALLBACK (change_number), advanced);
}

static void
gloss_tune_advanced_init (GlossTuneAdvanced *advanced)
{
  gtk_widget_init_template (GTK_WIDGET (advanced));
  add_number (advanced, advanced->top_layers, GLOSS_NUMBER_WHOLE, 0, 1000);
  add_number (advanced, advanced->rank, GLOSS_NUMBER_WHOLE, 1, GLOSS_LORA_MAX_RANK);
  add_number (advanced, advanced->rate, GLOSS_NUMBER_RATE, MIN_RATE, MAX_RATE);
  add_number (advanced, advanced->steps, GLOSS_NUMBER_WHOLE, 1, GLOSS_TUNE_MAX_STEPS);
  add_number (advanced, advanced->epochs, GLOSS_NUMBER_REAL, 0.1, GLOSS_TUNE_MAX_EPOCHS);
  add_number (advanced, advanced->batch, GLOSS_NUMBER_WHOLE, 1, GLOSS_TUNE_MAX_BATCH);
  add_number (advanced, advanced->max_ids, GLOSS_NUMBER_WHOLE, GLOSS_TUNE_MIN_IDS,
              GLOSS_TUNE_MAX_IDS);
  add_number (advanced, advanced->tries, GLOSS_NUMBER_WHOLE, 0, GLOSS_TUNE_MAX_TRIES);
  add_number (advanced, advanced->seed, GLOSS_NUMBER_WHOLE, 0, MAX_SEED);
  g_signal_connect_swapped (advanced->set, "notify::selected", G_CALLBACK (change_set), advanced);
  g_signal_connect_swapped (advanced->lower_case, "notify::active", G_CALLBACK (change_case),
                            advanced);
  g_signal_connect_swapped (advanced->reset, "clicked", G_CALLBACK (reset), advanced);
}
