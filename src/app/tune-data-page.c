/* The first page of fine-tuning: what is to be learnt from. */
#include "app/tune-data-page.h"

#include "app/choose-files.h"
#include "app/data-findings.h"
#include "app/data-list.h"
#include "app/drop-area.h"
#include "app/edited-count.h"
#include "app/length-bars.h"
#include "app/pair-cards.h"
#include "app/tune-data-words.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

/* What is read sooner needs no word about it. */
#define BUSY_DELAY_MSEC 200

struct _GlossTuneDataPage
{
  GtkWidget parent_instance;

  GtkWidget *area; /* owned as a child */
  GtkStack *stack;
  GtkWidget *edited;
  GtkLabel *edited_words;
  GtkSpinner *spinner;
  GtkLabel *busy_words;
  GtkWidget *cancel;
  AdwStatusPage *failure;
  GtkWidget *caption_first;
  GtkWidget *show_problems;
  GtkWidget *try_again;
  AdwActionRow *summary;
  AdwActionRow *held_out;
  GtkSpinButton *share;
  GtkLabel *warning;
  GlossPairCards *cards;
  GlossDataFindings *findings;
  GlossLengthBars *lengths;
  GlossDataList *list;

  GlossTuneData *data;        /* owned reference */
  GCancellable *counting;     /* owned; of the captions that were edited, or NULL */
  GtkWidget *opener;          /* owned reference; what had the focus before the list, or NULL */
  const char *before_list;    /* the name of the page that the list came from */
  const GlossPairs *pictured; /* borrowed; whose first pairs are shown; only compared */
  guint busy_id;
};

enum
{
  CHANGED,
  CAPTION_FIRST,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GlossTuneDataPage, gloss_tune_data_page, GTK_TYPE_WIDGET)

/* What is edited. */

static void
counted (GObject *object, GAsyncResult *result, gpointer unused)
{
  GlossTuneDataPage *page = GLOSS_TUNE_DATA_PAGE (object);
  g_autoptr (GError) error = NULL;
  guint n = gloss_edited_count_make_finish (result, &error);
  g_autofree char *words = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (n > 0)
    words = g_strdup_printf (ngettext ("%u picture whose caption you corrected or wrote",
                                       "%u pictures whose captions you corrected or wrote", n),
                             n);
  else if (error && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    words = g_strdup (error->message);
  else
    words = g_strdup (_ ("There are none yet: captions that you correct in the main window can be "
                         "learnt from here."));
  gtk_label_set_text (page->edited_words, words);
  gtk_widget_action_set_enabled (GTK_WIDGET (page), "data.edited", n > 0);
}

static void
count_edited (GlossTuneDataPage *page)
{
  if (page->counting)
    g_cancellable_cancel (page->counting);
  g_clear_object (&page->counting);
  page->counting = g_cancellable_new ();
  gloss_edited_count_make_async (G_OBJECT (page), page->counting, counted);
}

/* What is shown. */

static void
clear_busy (GlossTuneDataPage *page)
{
  g_clear_handle_id (&page->busy_id, g_source_remove);
  gtk_spinner_set_spinning (page->spinner, FALSE);
}

static gboolean
show_busy (gpointer data)
{
  GlossTuneDataPage *page = data;
  g_autofree char *title = gloss_tune_data_page_make_title (page);
  g_autofree char *words = g_strdup_printf (_ ("Reading “%s”…"), title);

  page->busy_id = 0;
  gtk_label_set_text (page->busy_words, words);
  gtk_spinner_set_spinning (page->spinner, TRUE);
  gtk_stack_set_visible_child_name (page->stack, "busy");
  gtk_widget_grab_focus (page->cancel);
  return G_SOURCE_REMOVE;
}

/* The problem that most of it has; NULL: none has a list. */
static GlossTuneFinding *
find_main_problem (GlossTuneDataPage *page, GPtrArray *findings)
{
  GlossTuneFinding *most = NULL;

  for (guint i = 0; i < findings->len; i++)
    {
      GlossTuneFinding *finding = g_ptr_array_index (findings, i);

      if (!most || finding->n > most->n)
        most = finding;
    }
  return most;
}

static void
show_failure (GlossTuneDataPage *page)
{
  const GlossPairs *pairs = gloss_tune_data_get_pairs (page->data);
  const GError *error = gloss_tune_data_get_error (page->data);
  const char *path = gloss_tune_data_get_path (page->data);
  g_autofree char *title = gloss_tune_words_get_failure_title (pairs, error);
  g_autofree char *words = gloss_tune_words_explain_failure (path, pairs, error);
  g_autofree char *markup = g_markup_escape_text (words, -1);
  gboolean has_problems = FALSE;

  for (guint i = 0; pairs && i < GLOSS_N_PAIRS_PROBLEMS; i++)
    has_problems |= pairs->n_problems[i] > 0;
  adw_status_page_set_title (page->failure, title);
  adw_status_page_set_description (page->failure, markup);
  gtk_widget_set_visible (page->caption_first, pairs && pairs->uncaptioned->len > 0);
  gtk_widget_set_visible (page->show_problems, has_problems);
  gtk_widget_set_visible (page->try_again, path != NULL);
  gtk_stack_set_visible_child_name (page->stack, "failed");
}

static void
show_held_out (GlossTuneDataPage *page, const GlossPairs *pairs)
{
  gboolean is_own = gloss_tune_data_has_own_split (page->data);
  guint n = gloss_pairs_count_held_out (pairs);
  g_autofree char *words = NULL;

  if (is_own)
    words = g_strdup_printf (ngettext ("%u pair, which the data itself sets apart",
                                       "%u pairs, which the data itself sets apart", n),
                             n);
  else
    words = g_strdup (_ ("Percent of the pictures that are not learnt from, but show how good it "
                         "gets"));
  adw_action_row_set_subtitle (page->held_out, words);
  gtk_widget_set_visible (GTK_WIDGET (page->share), !is_own);
}

static void
show_ready (GlossTuneDataPage *page)
{
  const GlossPairs *pairs = gloss_tune_data_get_pairs (page->data);
  const char *path = gloss_tune_data_get_path (page->data);
  g_autofree char *title = gloss_tune_data_page_make_title (page);
  g_autofree char *summary = gloss_tune_words_summarize (pairs);
  g_autofree char *warning = gloss_tune_words_warn (pairs);
  const char *shown = gtk_stack_get_visible_child_name (page->stack);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (page->summary), title);
  adw_action_row_set_subtitle (page->summary, summary);
  gtk_widget_set_tooltip_text (GTK_WIDGET (page->summary), path);
  gtk_label_set_text (page->warning, warning ? warning : "");
  gtk_widget_set_visible (GTK_WIDGET (page->warning), warning != NULL);
  show_held_out (page, pairs);
  gloss_data_findings_show (page->findings);
  gloss_length_bars_show (page->lengths, page->data);
  /* another split has the same pairs, and its cards need not blink */
  if (!page->pictured)
    gloss_pair_cards_show (page->cards, pairs);
  page->pictured = pairs;
  if (g_strcmp0 (shown, "list") != 0)
    gtk_stack_set_visible_child_name (page->stack, "ready");
}

static void
show_pairs (GlossTuneDataPage *page)
{
  GlossTuneDataState state = gloss_tune_data_get_state (page->data);

  clear_busy (page);
  if (state != GLOSS_TUNE_DATA_READY)
    page->pictured = NULL;
  switch (state)
    {
    case GLOSS_TUNE_DATA_NONE:
      gloss_pair_cards_show (page->cards, NULL);
      gtk_stack_set_visible_child_name (page->stack, "empty");
      count_edited (page);
      break;
    case GLOSS_TUNE_DATA_READING:
      page->busy_id = g_timeout_add (BUSY_DELAY_MSEC, show_busy, page);
      break;
    case GLOSS_TUNE_DATA_READY:
      show_ready (page);
      break;
    case GLOSS_TUNE_DATA_FAILED:
      show_failure (page);
      break;
    }
  g_signal_emit (page, signals[CHANGED], 0);
}

static void
show_report (GlossTuneDataPage *page)
{
  gloss_data_findings_show (page->findings);
  gloss_length_bars_show (page->lengths, page->data);
}

/* The list behind a finding. */

static void
open_list (GlossTuneDataPage *page, const GlossTuneFinding *finding)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (page));

  g_clear_object (&page->opener);
  if (root && gtk_root_get_focus (root))
    page->opener = g_object_ref (gtk_root_get_focus (root));
  page->before_list =
      gloss_tune_data_get_state (page->data) == GLOSS_TUNE_DATA_READY ? "ready" : "failed";
  gtk_stack_set_visible_child_full (page->stack, "list", GTK_STACK_TRANSITION_TYPE_SLIDE_LEFT);
  gloss_data_list_show (page->list, finding);
}

static void
close_list (GlossTuneDataPage *page)
{
  gtk_stack_set_visible_child_full (page->stack, page->before_list,
                                    GTK_STACK_TRANSITION_TYPE_SLIDE_RIGHT);
  if (page->opener && gtk_widget_get_mapped (page->opener))
    gtk_widget_grab_focus (page->opener);
  g_clear_object (&page->opener);
}

static void
show_main_problem (GlossTuneDataPage *page)
{
  g_autoptr (GPtrArray) findings =
      gloss_tune_words_list_findings (gloss_tune_data_get_pairs (page->data), NULL, NULL);
  GlossTuneFinding *finding = find_main_problem (page, findings);

  if (finding)
    open_list (page, finding);
}

/* What a person does. */

static void
take_files (GlossTuneDataPage *page, GListModel *files)
{
  g_autoptr (GFile) file = g_list_model_get_item (files, 0);
  g_autofree char *path = g_file_get_path (file);

  if (g_list_model_get_n_items (files) > 1)
    gloss_tune_data_fail (page->data,
                          g_error_new (G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                                       _ ("These are %u things at once. Drop one folder that holds "
                                          "the pictures with their captions, or one list."),
                                       g_list_model_get_n_items (files)));
  else if (!path)
    gloss_tune_data_fail (page->data,
                          g_error_new (G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                                       _ ("This is not on this machine. Copy it here first.")));
  else
    gloss_tune_data_page_choose (page, path);
}

static void
files_chosen (GObject *page, GListModel *files)
{
  take_files (GLOSS_TUNE_DATA_PAGE (page), files);
}

static void
refuse (GlossTuneDataPage *page, const char *name)
{
  GError *error =
      name ? g_error_new (G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                          _ ("Gloss may not read “%s”, which was dropped. Choose it with “Choose "
                             "Folder…” instead."),
                          name)
           : g_error_new (G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                          _ ("What was dropped is neither a folder nor a list of captions."));

  gloss_tune_data_fail (page->data, error);
}

static void
refuse_texture (GlossTuneDataPage *page)
{
  refuse (page, NULL);
}

static void
choose_folder (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gloss_choose_files (GTK_WINDOW (gtk_widget_get_root (widget)), GLOSS_CHOOSE_DATA_FOLDER,
                      files_chosen, G_OBJECT (widget));
}

static void
choose_file (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gloss_choose_files (GTK_WINDOW (gtk_widget_get_root (widget)), GLOSS_CHOOSE_DATA_FILE,
                      files_chosen, G_OBJECT (widget));
}

static void
choose_edited (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gloss_tune_data_page_choose (GLOSS_TUNE_DATA_PAGE (widget), NULL);
}

static void
clear (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gloss_tune_data_clear (GLOSS_TUNE_DATA_PAGE (widget)->data);
}

static void
try_again (GtkWidget *widget, const char *name, GVariant *parameter)
{
  GlossTuneDataPage *page = GLOSS_TUNE_DATA_PAGE (widget);

  gloss_tune_data_page_choose (page, gloss_tune_data_get_path (page->data));
}

static void
caption_first (GtkWidget *widget, const char *name, GVariant *parameter)
{
  GlossTuneDataPage *page = GLOSS_TUNE_DATA_PAGE (widget);
  const GlossPairs *pairs = gloss_tune_data_get_pairs (page->data);
  g_autoptr (GListStore) files = g_list_store_new (G_TYPE_FILE);

  for (guint i = 0; pairs && i < pairs->uncaptioned->len; i++)
    {
      g_autoptr (GFile) file = g_file_new_for_path (g_ptr_array_index (pairs->uncaptioned, i));

      g_list_store_append (files, file);
    }
  if (g_list_model_get_n_items (G_LIST_MODEL (files)) > 0)
    g_signal_emit (page, signals[CAPTION_FIRST], 0, files);
}

static void
set_share (GlossTuneDataPage *page)
{
  gloss_tune_data_set_share (page->data, gtk_spin_button_get_value (page->share) / 100);
}

static void
gloss_tune_data_page_map (GtkWidget *widget)
{
  GlossTuneDataPage *page = GLOSS_TUNE_DATA_PAGE (widget);

  GTK_WIDGET_CLASS (gloss_tune_data_page_parent_class)->map (widget);
  /* some may have been edited since */
  if (gloss_tune_data_get_state (page->data) == GLOSS_TUNE_DATA_NONE)
    count_edited (page);
}

static void
gloss_tune_data_page_dispose (GObject *object)
{
  GlossTuneDataPage *page = GLOSS_TUNE_DATA_PAGE (object);

  g_clear_handle_id (&page->busy_id, g_source_remove);
  if (page->counting)
    g_cancellable_cancel (page->counting);
  g_clear_object (&page->counting);
  g_clear_object (&page->opener);
  if (page->data)
    {
      g_signal_handlers_disconnect_by_data (page->data, page);
      /* threads hold it until they see this */
      g_object_run_dispose (G_OBJECT (page->data));
    }
  g_clear_object (&page->data);
  g_clear_pointer (&page->area, gtk_widget_unparent);
  G_OBJECT_CLASS (gloss_tune_data_page_parent_class)->dispose (object);
}

static void
install_actions (GtkWidgetClass *klass)
{
  gtk_widget_class_install_action (klass, "data.choose-folder", NULL, choose_folder);
  gtk_widget_class_install_action (klass, "data.choose-file", NULL, choose_file);
  gtk_widget_class_install_action (klass, "data.edited", NULL, choose_edited);
  gtk_widget_class_install_action (klass, "data.clear", NULL, clear);
  gtk_widget_class_install_action (klass, "data.again", NULL, try_again);
  gtk_widget_class_install_action (klass, "data.caption-first", NULL, caption_first);
}

static void
bind_children (GtkWidgetClass *klass)
{
  gtk_widget_class_bind_template_child (klass, GlossTuneDataPage, area);
  gtk_widget_class_bind_template_child (klass, GlossTuneDataPage, stack);
  gtk_widget_class_bind_template_child (klass, GlossTuneDataPage, edited);
  gtk_widget_class_bind_template_child (klass, GlossTuneDataPage, edited_words);
  gtk_widget_class_bind_template_child (klass, GlossTuneDataPage, spinner);
  gtk_widget_class_bind_template_child (klass, GlossTuneDataPage, busy_words);
  gtk_widget_class_bind_template_child (klass, GlossTuneDataPage, cancel);
  gtk_widget_class_bind_template_child (klass, GlossTuneDataPage, failure);
  gtk_widget_class_bind_template_child (klass, GlossTuneDataPage, caption_first);
  gtk_widget_class_bind_template_child (klass, GlossTuneDataPage, show_problems);
  gtk_widget_class_bind_template_child (klass, GlossTuneDataPage, try_again);
  gtk_widget_class_bind_template_child (klass, GlossTuneDataPage, summary);
  gtk_widget_class_bind_template_child (klass, GlossTuneDataPage, held_out);
  gtk_widget_class_bind_template_child (klass, GlossTuneDataPage, share);
  gtk_widget_class_bind_template_child (klass, GlossTuneDataPage, warning);
  gtk_widget_class_bind_template_child (klass, GlossTuneDataPage, cards);
  gtk_widget_class_bind_template_child (klass, GlossTuneDataPage, findings);
  gtk_widget_class_bind_template_child (klass, GlossTuneDataPage, lengths);
  gtk_widget_class_bind_template_child (klass, GlossTuneDataPage, list);
}

static void
gloss_tune_data_page_class_init (GlossTuneDataPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gloss_tune_data_page_dispose;
  widget_class->map = gloss_tune_data_page_map;
  signals[CHANGED] = g_signal_new ("changed", GLOSS_TYPE_TUNE_DATA_PAGE, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
  signals[CAPTION_FIRST] =
      g_signal_new ("caption-first", GLOSS_TYPE_TUNE_DATA_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                    NULL, G_TYPE_NONE, 1, G_TYPE_LIST_MODEL);
  g_type_ensure (GLOSS_TYPE_DROP_AREA);
  g_type_ensure (GLOSS_TYPE_PAIR_CARDS);
  g_type_ensure (GLOSS_TYPE_DATA_FINDINGS);
  g_type_ensure (GLOSS_TYPE_LENGTH_BARS);
  g_type_ensure (GLOSS_TYPE_DATA_LIST);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "tunedatapage");
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/gloss/Gloss/tune-data-page.ui");
  install_actions (widget_class);
  bind_children (widget_class);
}

static void
gloss_tune_data_page_init (GlossTuneDataPage *page)
{
  page->data = gloss_tune_data_new ();
  gtk_widget_init_template (GTK_WIDGET (page));
  gtk_widget_action_set_enabled (GTK_WIDGET (page), "data.edited", FALSE);
  gloss_drop_area_set_words (GLOSS_DROP_AREA (page->area), _ ("Drop to Learn From It"),
                             _ ("A folder of pictures with captions, or a list of them"));
  gloss_data_findings_set_data (page->findings, page->data);
  gtk_spin_button_set_value (page->share, round (100 * gloss_tune_data_get_share (page->data)));
  g_signal_connect_swapped (page->data, "pairs-changed", G_CALLBACK (show_pairs), page);
  g_signal_connect_swapped (page->data, "report-changed", G_CALLBACK (show_report), page);
  g_signal_connect_swapped (page->area, "files", G_CALLBACK (take_files), page);
  g_signal_connect_swapped (page->area, "refused", G_CALLBACK (refuse), page);
  g_signal_connect_swapped (page->area, "texture", G_CALLBACK (refuse_texture), page);
  g_signal_connect_swapped (page->findings, "open", G_CALLBACK (open_list), page);
  g_signal_connect_swapped (page->list, "back", G_CALLBACK (close_list), page);
  g_signal_connect_swapped (page->show_problems, "clicked", G_CALLBACK (show_main_problem), page);
  g_signal_connect_swapped (page->share, "value-changed", G_CALLBACK (set_share), page);
}

GtkWidget *
gloss_tune_data_page_new (void)
{
  return g_object_new (GLOSS_TYPE_TUNE_DATA_PAGE, NULL);
}

void
gloss_tune_data_page_set_model (GlossTuneDataPage *page, const GlossModelSource *model)
{
  gloss_tune_data_set_tokenizer (page->data, model ? model->tokenizer : NULL);
}

void
gloss_tune_data_page_choose (GlossTuneDataPage *page, const char *path)
{
  gloss_tune_data_read (page->data, path);
}

const GlossPairs *
gloss_tune_data_page_get_pairs (GlossTuneDataPage *page)
{
  return gloss_tune_data_get_state (page->data) == GLOSS_TUNE_DATA_READY
             ? gloss_tune_data_get_pairs (page->data)
             : NULL;
}

const char *
gloss_tune_data_page_get_path (GlossTuneDataPage *page)
{
  return gloss_tune_data_get_path (page->data);
}

char *
gloss_tune_data_page_make_title (GlossTuneDataPage *page)
{
  return gloss_tune_words_make_title (gloss_tune_data_get_path (page->data));
}

double
gloss_tune_data_page_get_validation_share (GlossTuneDataPage *page)
{
  return gloss_tune_data_get_share (page->data);
}

guint64
gloss_tune_data_page_get_seed (GlossTuneDataPage *page)
{
  return gloss_tune_data_get_seed (page->data);
}
