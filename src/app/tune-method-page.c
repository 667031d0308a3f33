/* The second page of fine-tuning: how it is done, and what that takes. */
#include "app/tune-method-page.h"

#include "app/memory-meter.h"
#include "app/preset-card.h"
#include "app/settings.h"
#include "app/tune-advanced.h"
#include "app/tune-method-words.h"
#include "base/memory.h"

#include <adwaita.h>
#include <glib/gi18n.h>

/* What is seen sooner needs no word about it. */
#define BUSY_DELAY_MSEC 200
/* Other programs come and go. */
#define MEMORY_SECONDS 3

struct _GlossTuneMethodPage
{
  GtkWidget parent_instance;

  GtkStack *stack; /* owned as a child */
  GtkSpinner *busy;
  AdwStatusPage *failure;
  GtkWidget *try_again;
  GtkBox *presets;
  GtkBox *more_presets;
  GlossPresetCard *cards[GLOSS_N_PRESETS]; /* in them */
  GtkLabel *warning;
  AdwActionRow *time;
  GtkSpinner *measuring;
  GlossMemoryMeter *meter;
  GlossTuneAdvanced *advanced;

  GlossTuneEstimator *estimator; /* owned reference */
  GlossTuningSettings *earlier;  /* owned; to begin with, or NULL */
  GlossTuneRecipe recipe;        /* when has_recipe */
  GlossTuneTask task;            /* that it is for */
  gboolean has_recipe;
  gboolean was_ready; /* what is shown is of the task */
  gboolean is_chosen; /* by the person, so that it stays where another would fit */
  gboolean fits;
  gboolean is_showing; /* what changes is not the person's doing */
  guint64 available_bytes;
  guint busy_id, memory_id;
};

enum
{
  CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GlossTuneMethodPage, gloss_tune_method_page, GTK_TYPE_WIDGET)

/* What is shown. */

/* The recipe of a card: the chosen one as it is now, the others as they would be. */
static void
get_recipe (GlossTuneMethodPage *page, GlossPresetId preset, GlossTuneRecipe *out)
{
  if (preset == page->recipe.preset)
    *out = page->recipe;
  else
    gloss_tune_recipe_init (out, preset, &page->task);
}

static void
show_card (GlossTuneMethodPage *page, GlossPresetId preset)
{
  GlossTuneTimes times = gloss_tune_estimator_get_times (page->estimator);
  gboolean is_current = preset == page->recipe.preset;
  GlossTuneRecipe recipe;
  GlossTrainEstimate estimate;
  g_autofree char *title = NULL, *figures = NULL;
  gboolean fits;

  get_recipe (page, preset, &recipe);
  gloss_tune_estimator_estimate (page->estimator, &recipe, &estimate);
  fits = estimate.memory_bytes <= page->available_bytes;
  title = gloss_tune_method_name_recipe (
      &recipe, is_current && gloss_tune_recipe_is_changed (&recipe, &page->task));
  figures = fits ? gloss_tune_method_format_figures (&estimate, times)
                 : gloss_tune_method_explain_size (estimate.memory_bytes, page->available_bytes);
  gloss_preset_card_show (page->cards[preset], title, figures, fits);
  /* the chosen one keeps the focus, and can be made smaller below */
  gtk_widget_set_sensitive (GTK_WIDGET (page->cards[preset]), fits || is_current);
}

static void
show_time (GlossTuneMethodPage *page, const GlossTrainEstimate *estimate)
{
  GlossTuneTimes times = gloss_tune_estimator_get_times (page->estimator);
  g_autofree char *steps = gloss_tune_method_describe_steps (&page->recipe);
  g_autofree char *time = gloss_tune_method_describe_time (estimate, times);
  /* Translators: "About 12 minutes", and "128 steps of 8 pictures each" */
  g_autofree char *words = g_strdup_printf (C_ ("time and steps", "%s · %s"), time, steps);
  gboolean is_busy = times == GLOSS_TUNE_TIMES_LOOKING_UP || times == GLOSS_TUNE_TIMES_WAITING
                     || times == GLOSS_TUNE_TIMES_MEASURING;

  adw_action_row_set_subtitle (page->time, words);
  gtk_widget_set_visible (GTK_WIDGET (page->measuring), is_busy);
  gtk_spinner_set_spinning (page->measuring, is_busy);
}

static void
show_warning (GlossTuneMethodPage *page, const GlossTrainEstimate *estimate)
{
  g_autofree char *words =
      page->fits ? NULL
                 : gloss_tune_method_advise_size (page->estimator, estimate->memory_bytes,
                                                  page->available_bytes);

  gtk_label_set_text (page->warning, words ? words : "");
  gtk_widget_set_visible (GTK_WIDGET (page->warning), words != NULL);
}

/* All that follows from the recipe, but for the rows in which it is written. */
static void
show_figures (GlossTuneMethodPage *page)
{
  gboolean is_changed = gloss_tune_recipe_is_changed (&page->recipe, &page->task);
  g_autofree char *name = gloss_tune_method_name_recipe (&page->recipe, is_changed);
  g_autofree char *too_large = NULL;
  GlossTrainEstimate estimate;

  page->available_bytes = gloss_memory_get_available_bytes ();
  gloss_tune_estimator_estimate (page->estimator, &page->recipe, &estimate);
  page->fits = estimate.memory_bytes <= page->available_bytes;
  page->is_showing = TRUE;
  gtk_check_button_set_active (GTK_CHECK_BUTTON (page->cards[page->recipe.preset]), TRUE);
  page->is_showing = FALSE;
  for (guint i = 0; i < GLOSS_N_PRESETS; i++)
    show_card (page, i);
  show_time (page, &estimate);
  gloss_memory_meter_show (page->meter, estimate.memory_bytes, page->available_bytes);
  show_warning (page, &estimate);
  if (!page->fits)
    /* Translators: %s is the name of a way to fine-tune, as "Balanced, Changed" */
    too_large = g_strdup_printf (_ ("%s · does not fit into memory"), name);
  gloss_tune_advanced_set_name (page->advanced, too_large ? too_large : name, is_changed);
}

static void
emit_changed (GlossTuneMethodPage *page)
{
  g_signal_emit (page, signals[CHANGED], 0);
}

/* The recipe is another: rows and figures. */
static void
show_recipe (GlossTuneMethodPage *page)
{
  gloss_tune_advanced_show (page->advanced, &page->recipe, &page->task,
                            gloss_tune_estimator_get_least_ids (page->estimator));
  show_figures (page);
}

/* The usual choice, or what fits in its stead. */
static GlossPresetId
choose_preset (GlossTuneMethodPage *page)
{
  guint64 available = gloss_memory_get_available_bytes (), n_bytes;
  GlossPresetId fitting = GLOSS_PRESET_BALANCED;
  GlossTuneRecipe recipe;
  GlossTrainEstimate estimate;

  gloss_tune_recipe_init (&recipe, GLOSS_PRESET_BALANCED, &page->task);
  gloss_tune_estimator_estimate (page->estimator, &recipe, &estimate);
  if (estimate.memory_bytes > available)
    gloss_tune_estimator_find_fitting (page->estimator, available, &fitting, &n_bytes);
  return fitting;
}

/* There is a task: what was chosen for another is carried over. */
static void
make_recipe (GlossTuneMethodPage *page)
{
  GlossTuneTask before = page->task;

  page->task = *gloss_tune_estimator_get_task (page->estimator);
  if (page->earlier)
    {
      gloss_tune_recipe_read (&page->recipe, page->earlier, &page->task);
      g_clear_pointer (&page->earlier, gloss_tuning_settings_free);
      page->is_chosen = TRUE;
    }
  else if (page->has_recipe && page->is_chosen)
    gloss_tune_recipe_move (&page->recipe, &before, &page->task);
  else
    gloss_tune_recipe_init (&page->recipe, choose_preset (page), &page->task);
  page->has_recipe = TRUE;
}

static void
clear_busy (GlossTuneMethodPage *page)
{
  g_clear_handle_id (&page->busy_id, g_source_remove);
  gtk_spinner_set_spinning (page->busy, FALSE);
}

static gboolean
show_busy (gpointer data)
{
  GlossTuneMethodPage *page = data;

  page->busy_id = 0;
  gtk_spinner_set_spinning (page->busy, TRUE);
  gtk_stack_set_visible_child_name (page->stack, "busy");
  return G_SOURCE_REMOVE;
}

static void
show_failure (GlossTuneMethodPage *page)
{
  const GError *error = gloss_tune_estimator_get_error (page->estimator);
  g_autofree char *markup = g_markup_escape_text (error->message, -1);

  adw_status_page_set_description (page->failure, markup);
  gtk_stack_set_visible_child_name (page->stack, "failed");
}

static gboolean
is_ready (GlossTuneMethodPage *page)
{
  return gloss_tune_estimator_get_state (page->estimator) == GLOSS_TUNE_ESTIMATOR_READY;
}

static void
show_state (GlossTuneMethodPage *page)
{
  switch (gloss_tune_estimator_get_state (page->estimator))
    {
    case GLOSS_TUNE_ESTIMATOR_NONE:
      clear_busy (page);
      gtk_stack_set_visible_child_name (page->stack, "empty");
      break;
    case GLOSS_TUNE_ESTIMATOR_LOOKING:
      if (page->busy_id == 0)
        page->busy_id = g_timeout_add (BUSY_DELAY_MSEC, show_busy, page);
      break;
    case GLOSS_TUNE_ESTIMATOR_READY:
      clear_busy (page);
      gtk_stack_set_visible_child_name (page->stack, "ready");
      break;
    case GLOSS_TUNE_ESTIMATOR_FAILED:
      clear_busy (page);
      show_failure (page);
      break;
    }
}

/* The model and the data are known, or times are. */
static void
estimator_changed (GlossTuneMethodPage *page)
{
  gboolean was_ready = page->was_ready;

  page->was_ready = is_ready (page);
  if (page->was_ready && !was_ready)
    {
      make_recipe (page);
      show_recipe (page);
    }
  else if (page->was_ready)
    show_figures (page);
  show_state (page);
  emit_changed (page);
}

/* What a person does. */

static void
preset_toggled (GlossPresetCard *card, GlossTuneMethodPage *page)
{
  GlossPresetId preset = gloss_preset_card_get_preset (card);

  if (page->is_showing || !gtk_check_button_get_active (GTK_CHECK_BUTTON (card))
      || preset == page->recipe.preset)
    return;
  gloss_tune_recipe_init (&page->recipe, preset, &page->task);
  page->is_chosen = TRUE;
  /* else it is shown when what it is for is known */
  if (page->was_ready)
    show_recipe (page);
  emit_changed (page);
}

static void
advanced_changed (GlossTuneMethodPage *page)
{
  page->recipe = *gloss_tune_advanced_get_recipe (page->advanced);
  page->is_chosen = TRUE;
  if (page->was_ready)
    show_figures (page);
  emit_changed (page);
}

static void
reset (GlossTuneMethodPage *page)
{
  gtk_widget_grab_focus (GTK_WIDGET (page->cards[page->recipe.preset]));
  gloss_tune_recipe_init (&page->recipe, page->recipe.preset, &page->task);
  if (page->was_ready)
    show_recipe (page);
  emit_changed (page);
}

static void
try_again (GlossTuneMethodPage *page)
{
  gloss_tune_estimator_try_again (page->estimator);
}

/* What is measured is for whoever looks. */

static gboolean
follow_memory (gpointer data)
{
  GlossTuneMethodPage *page = data;
  gboolean did_fit = page->fits;

  if (page->was_ready)
    show_figures (page);
  if (page->fits != did_fit)
    emit_changed (page);
  return G_SOURCE_CONTINUE;
}

static void
gloss_tune_method_page_map (GtkWidget *widget)
{
  GlossTuneMethodPage *page = GLOSS_TUNE_METHOD_PAGE (widget);

  GTK_WIDGET_CLASS (gloss_tune_method_page_parent_class)->map (widget);
  page->memory_id = g_timeout_add_seconds (MEMORY_SECONDS, follow_memory, page);
  if (page->was_ready)
    show_figures (page);
  gloss_tune_estimator_measure (page->estimator,
                                g_settings_get_uint (gloss_settings_get (), "threads"));
}

static void
gloss_tune_method_page_unmap (GtkWidget *widget)
{
  GlossTuneMethodPage *page = GLOSS_TUNE_METHOD_PAGE (widget);

  g_clear_handle_id (&page->memory_id, g_source_remove);
  gloss_tune_estimator_stop (page->estimator);
  GTK_WIDGET_CLASS (gloss_tune_method_page_parent_class)->unmap (widget);
}

static void
gloss_tune_method_page_dispose (GObject *object)
{
  GlossTuneMethodPage *page = GLOSS_TUNE_METHOD_PAGE (object);

  g_clear_handle_id (&page->busy_id, g_source_remove);
  g_clear_handle_id (&page->memory_id, g_source_remove);
  if (page->estimator)
    {
      g_signal_handlers_disconnect_by_data (page->estimator, page);
      /* threads hold it until they see this */
      g_object_run_dispose (G_OBJECT (page->estimator));
    }
  g_clear_object (&page->estimator);
  g_clear_pointer (&page->earlier, gloss_tuning_settings_free);
  if (page->stack)
    gtk_widget_unparent (GTK_WIDGET (page->stack));
  page->stack = NULL;
  G_OBJECT_CLASS (gloss_tune_method_page_parent_class)->dispose (object);
}

static void
gloss_tune_method_page_class_init (GlossTuneMethodPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gloss_tune_method_page_dispose;
  widget_class->map = gloss_tune_method_page_map;
  widget_class->unmap = gloss_tune_method_page_unmap;
  signals[CHANGED] = g_signal_new ("changed", GLOSS_TYPE_TUNE_METHOD_PAGE, G_SIGNAL_RUN_LAST, 0,
                                   NULL, NULL, NULL, G_TYPE_NONE, 0);
  g_type_ensure (GLOSS_TYPE_MEMORY_METER);
  g_type_ensure (GLOSS_TYPE_TUNE_ADVANCED);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "tunemethodpage");
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/gloss/Gloss/tune-method-page.ui");
  gtk_widget_class_bind_template_child (widget_class, GlossTuneMethodPage, stack);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneMethodPage, busy);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneMethodPage, failure);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneMethodPage, try_again);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneMethodPage, presets);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneMethodPage, more_presets);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneMethodPage, warning);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneMethodPage, time);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneMethodPage, measuring);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneMethodPage, meter);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneMethodPage, advanced);
}

static void
add_cards (GlossTuneMethodPage *page)
{
  for (guint i = 0; i < GLOSS_N_PRESETS; i++)
    {
      GtkWidget *card = gloss_preset_card_new (i);

      page->cards[i] = GLOSS_PRESET_CARD (card);
      if (i > 0)
        gtk_check_button_set_group (GTK_CHECK_BUTTON (card), GTK_CHECK_BUTTON (page->cards[0]));
      g_signal_connect (card, "toggled", G_CALLBACK (preset_toggled), page);
      gtk_box_append (i == GLOSS_PRESET_FULL ? page->more_presets : page->presets, card);
    }
}

static void
gloss_tune_method_page_init (GlossTuneMethodPage *page)
{
  page->estimator = gloss_tune_estimator_new ();
  gtk_widget_init_template (GTK_WIDGET (page));
  add_cards (page);
  g_signal_connect_swapped (page->estimator, "changed", G_CALLBACK (estimator_changed), page);
  g_signal_connect_swapped (page->advanced, "changed", G_CALLBACK (advanced_changed), page);
  g_signal_connect_swapped (page->advanced, "reset", G_CALLBACK (reset), page);
  g_signal_connect_swapped (page->try_again, "clicked", G_CALLBACK (try_again), page);
}

GtkWidget *
gloss_tune_method_page_new (void)
{
  return g_object_new (GLOSS_TYPE_TUNE_METHOD_PAGE, NULL);
}

void
gloss_tune_method_page_set_task (GlossTuneMethodPage *page, const GlossModelSource *model,
                                 const GlossPairs *pairs, GlossTurn *turn)
{
  gloss_tune_estimator_set_task (page->estimator, model, pairs, turn);
}

void
gloss_tune_method_page_set_settings (GlossTuneMethodPage *page, const GlossTuningSettings *settings)
{
  g_clear_pointer (&page->earlier, gloss_tuning_settings_free);
  page->earlier = settings ? gloss_tuning_settings_copy (settings) : NULL;
  page->is_chosen = FALSE;
  if (!is_ready (page))
    return;
  make_recipe (page);
  show_recipe (page);
  emit_changed (page);
}

void
gloss_tune_method_page_apply (GlossTuneMethodPage *page, GlossTuningSettings *settings)
{
  g_return_if_fail (page->has_recipe);
  gloss_tune_recipe_apply (&page->recipe, settings);
}

gboolean
gloss_tune_method_page_can_start (GlossTuneMethodPage *page)
{
  return page->was_ready && page->fits && gloss_tune_advanced_is_valid (page->advanced);
}
