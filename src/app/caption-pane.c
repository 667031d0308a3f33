/* The words beside the picture. */
#include "app/caption-pane.h"

#include "app/box-list.h"
#include "app/history-list.h"
#include "app/settings.h"
#include "app/task-picker.h"
#include "model/boxes.h"

#include <glib/gi18n.h>
#include <math.h>

/* How the second caption of a picture, and those after it, are drawn. */
#define TEMPERATURE 0.7f

struct _GlossCaptionPane
{
  GtkWidget parent_instance;

  GtkWidget *box; /* owned as a child */
  GlossTaskPicker *picker;
  GtkWidget *failure;
  GtkLabel *reason;
  GlossCaptionText *text;
  GlossBoxList *box_list;
  GtkLabel *note;
  GtkWidget *get_models;
  GlossHistoryList *history;
  GtkRevealer *progress_revealer;
  GtkLabel *phase;
  GtkProgressBar *progress;
  GtkStack *actions;
  GtkButton *caption;
  GtkSpinner *spinner;

  GlossEngine *engine;         /* owned reference */
  GlossCaptioning *captioning; /* owned reference */
  GlossPicture *picture;       /* owned reference, or NULL */
  GlossSharedImage *image;     /* owned reference, NULL until it is decoded */
};

enum
{
  BOXES,
  BOX_LIT,
  TYPED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GlossCaptionPane, gloss_caption_pane, GTK_TYPE_WIDGET)

/* "Looking, 9 of 27 · 4 s left" and how much of the wait that is. */
static char *
describe_phase (GlossCaptionJob *job, double *fraction)
{
  double seconds = gloss_caption_job_get_seconds_left (job);
  guint n_done, n_total;
  GlossCaptionPhase phase = gloss_caption_job_get_phase (job, &n_done, &n_total);
  GString *words = g_string_new (NULL);

  *fraction = n_total > 0 ? (double) n_done / n_total : 0;
  switch (phase)
    {
    case GLOSS_CAPTION_LOOKING:
      /* Translators: a phase of making a caption, layers done and all of them */
      g_string_printf (words, _ ("Looking, %u of %u"), n_done, n_total);
      break;
    case GLOSS_CAPTION_READING:
      /* Translators: a phase of making a caption, layers done and all of them */
      g_string_printf (words, _ ("Reading, %u of %u"), n_done, n_total);
      break;
    case GLOSS_CAPTION_WRITING:
      g_string_assign (words, _ ("Writing"));
      *fraction = 1;
      break;
    }
  if (seconds >= 1)
    {
      g_string_append (words, " · ");
      /* Translators: time left */
      g_string_append_printf (words, _ ("%.0f s left"), ceil (seconds));
    }
  return g_string_free (words, FALSE);
}

static void
show_progress (GlossCaptionPane *pane, GlossCaptionJob *job)
{
  double fraction = 0;
  g_autofree char *words = NULL;

  if (!job)
    {
      gtk_revealer_set_reveal_child (pane->progress_revealer, FALSE);
      return;
    }
  if (gloss_engine_get_state (pane->engine) == GLOSS_ENGINE_LOADING)
    words = g_strdup (_ ("Opening the model"));
  else if (!gloss_caption_job_is_begun (job))
    words = g_strdup (_ ("Waiting"));
  else
    words = describe_phase (job, &fraction);
  gtk_label_set_label (pane->phase, words);
  gtk_progress_bar_set_fraction (pane->progress, fraction);
  gtk_revealer_set_reveal_child (pane->progress_revealer, TRUE);
}

static void
show_action (GlossCaptionPane *pane, GlossCaptionJob *job)
{
  gboolean has_caption = pane->picture && *gloss_picture_get_caption (pane->picture) != '\0';
  gboolean has_failed =
      pane->picture && gloss_picture_get_state (pane->picture) == GLOSS_PICTURE_FAILED;

  /* two buttons, since one whose action changes misses the click that comes meanwhile */
  gtk_stack_set_visible_child_name (pane->actions, job ? "stop" : "caption");
  gtk_button_set_label (pane->caption, has_failed    ? _ ("_Try Again")
                                       : has_caption ? _ ("_Regenerate")
                                                     : _ ("_Generate"));
  gtk_spinner_set_spinning (pane->spinner, job != NULL);
}

static void
show_note (GlossCaptionPane *pane)
{
  const GlossModelSource *source = gloss_engine_get_source (pane->engine);
  const GlossCaptionRecord *record =
      pane->picture ? gloss_picture_get_record (pane->picture) : NULL;
  const char *note = NULL;

  if (source && source->is_demo)
    note = _ ("The demo model knows drawn sample scenes. What it says about photographs means "
              "nothing; for those get PaliGemma.");
  else if (record && record->note && record->origin == GLOSS_CAPTION_ORIGIN_MODEL)
    note = record->note;
  gtk_label_set_label (pane->note, note ? note : "");
  gtk_widget_set_visible (GTK_WIDGET (pane->note), note != NULL);
  gtk_widget_set_visible (pane->get_models, source && source->is_demo);
}

static void
show_failure (GlossCaptionPane *pane)
{
  const char *reason = pane->picture ? gloss_picture_get_reason (pane->picture) : NULL;

  if (!reason && gloss_engine_get_state (pane->engine) == GLOSS_ENGINE_FAILED)
    reason = gloss_engine_get_message (pane->engine);
  gtk_label_set_label (pane->reason, reason ? reason : "");
  gtk_widget_set_visible (pane->failure, reason != NULL);
}

static void
update (GlossCaptionPane *pane)
{
  GlossCaptionJob *job = gloss_captioning_get_job (pane->captioning, pane->picture);

  show_progress (pane, job);
  show_action (pane, job);
  show_note (pane);
  show_failure (pane);
  gloss_caption_text_show_stream (pane->text, job ? gloss_caption_job_get_text (job) : NULL);
}

static void
engine_changed (GlossCaptionPane *pane)
{
  gloss_task_picker_set_source (pane->picker, gloss_engine_get_source (pane->engine));
  update (pane);
}

static void
job_changed (GlossCaptioning *captioning, GlossPicture *picture, GlossCaptionPane *pane)
{
  if (picture == pane->picture)
    update (pane);
}

static void
find_boxes (GlossCaptionPane *pane)
{
  g_autofree char *raw = gloss_caption_text_get_raw (pane->text);
  g_autoptr (GPtrArray) boxes = NULL;

  if (pane->image)
    {
      const GlossImage *image = gloss_shared_image_get (pane->image);

      boxes = gloss_boxes_parse (raw, image->width_px, image->height_px);
    }
  gloss_box_list_set_boxes (pane->box_list, boxes);
  g_signal_emit (pane, signals[BOXES], 0, boxes);
}

static void
tell_typed (GlossCaptionText *text, gboolean is_word_end, GlossCaptionPane *pane)
{
  g_signal_emit (pane, signals[TYPED], 0, is_word_end);
}

static void
tell_lit_box (GlossBoxList *list, int lit, GlossCaptionPane *pane)
{
  g_signal_emit (pane, signals[BOX_LIT], 0, lit);
}

void
gloss_caption_pane_light_box (GlossCaptionPane *pane, int lit)
{
  gloss_box_list_set_lit_box (pane->box_list, lit);
}

static void
take_back (GlossHistoryList *list, int index, GlossCaptionPane *pane)
{
  const GPtrArray *history = gloss_picture_get_history (pane->picture);

  if ((guint) index >= history->len || gloss_captioning_get_job (pane->captioning, pane->picture))
    return;
  gloss_picture_add_record (pane->picture,
                            gloss_caption_record_copy (g_ptr_array_index (history, (guint) index)));
  g_signal_emit_by_name (pane->captioning, "captioned", pane->picture);
}

/* What the picker asks; its strings are @prompt's and the picker's. */
static gboolean
make_request (GlossCaptionPane *pane, GlossCaptionRequest *request, char **prompt)
{
  g_autoptr (GError) error = NULL;

  *prompt = gloss_task_picker_make_prompt (pane->picker, &error);
  if (!*prompt)
    {
      gtk_label_set_label (pane->reason, error->message);
      gtk_widget_set_visible (pane->failure, TRUE);
      return FALSE;
    }
  *request = (GlossCaptionRequest){
    .prompt = *prompt,
    .start_with = gloss_task_picker_get_start_with (pane->picker),
    .max_tokens = g_settings_get_uint (gloss_settings_get (), "max-tokens"),
  };
  return TRUE;
}

/* How often this prompt was answered for the picture by this model already: that many seeds are
 * used up. */
static guint
count_answers (GlossCaptionPane *pane, const char *prompt)
{
  const GPtrArray *history = gloss_picture_get_history (pane->picture);
  const GlossCaptionRecord *record = gloss_picture_get_record (pane->picture);
  const GlossModelSource *source = gloss_engine_get_source (pane->engine);
  guint n = 0;

  for (guint i = 0; i <= history->len; i++)
    {
      if (i > 0)
        record = g_ptr_array_index (history, i - 1);
      if (record && g_strcmp0 (record->prompt, prompt) == 0
          && g_strcmp0 (record->model, source ? source->name : NULL) == 0)
        n++;
    }
  return n;
}

gboolean
gloss_caption_pane_can_caption (GlossCaptionPane *pane)
{
  g_autofree char *prompt = gloss_task_picker_make_prompt (pane->picker, NULL);

  return prompt != NULL;
}

void
gloss_caption_pane_caption (GlossCaptionPane *pane)
{
  g_autofree char *prompt = NULL;
  g_autofree char *note = NULL;
  GlossCaptionRequest request;
  guint n;

  if (!pane->picture || !make_request (pane, &request, &prompt))
    return;
  n = count_answers (pane, prompt);
  if (n > 0 && !gloss_task_picker_finds_boxes (pane->picker))
    {
      guint seed = gloss_picture_get_next_seed (pane->picture, n);

      request.sampling = (GlossSampling){ .temperature = TEMPERATURE, .seed = seed };
      /* Translators: how a caption was made: drawn at random, with the number that repeats it */
      note = g_strdup_printf (_ ("sampled, seed %u"), seed);
    }
  gloss_captioning_start (pane->captioning, pane->picture, pane->image, &request, note);
}

void
gloss_caption_pane_caption_all (GlossCaptionPane *pane, GListModel *pictures)
{
  g_autofree char *prompt = NULL;
  GlossCaptionRequest request;

  if (make_request (pane, &request, &prompt))
    gloss_captioning_start_batch (pane->captioning, pictures, &request);
}

void
gloss_caption_pane_stop (GlossCaptionPane *pane)
{
  gloss_captioning_stop (pane->captioning, pane->picture);
}

void
gloss_caption_pane_copy (GlossCaptionPane *pane, GlossCopyFormat format)
{
  gloss_caption_text_copy (pane->text, format);
}

void
gloss_caption_pane_set_picture (GlossCaptionPane *pane, GlossPicture *picture)
{
  if (pane->picture)
    g_signal_handlers_disconnect_by_func (pane->picture, update, pane);
  g_set_object (&pane->picture, picture);
  g_clear_pointer (&pane->image, gloss_shared_image_unref);
  if (picture)
    {
      g_signal_connect_object (picture, "notify::state", G_CALLBACK (update), pane,
                               G_CONNECT_SWAPPED);
      g_signal_connect_object (picture, "notify::caption", G_CALLBACK (update), pane,
                               G_CONNECT_SWAPPED);
      g_signal_connect_object (picture, "notify::reason", G_CALLBACK (update), pane,
                               G_CONNECT_SWAPPED);
    }
  gloss_caption_text_set_picture (pane->text, picture);
  gloss_history_list_set_picture (pane->history, picture);
  update (pane);
  find_boxes (pane);
}

void
gloss_caption_pane_set_image (GlossCaptionPane *pane, GlossSharedImage *image)
{
  g_clear_pointer (&pane->image, gloss_shared_image_unref);
  pane->image = image ? gloss_shared_image_ref (image) : NULL;
  find_boxes (pane);
}

void
gloss_caption_pane_set_up (GlossCaptionPane *pane, GlossEngine *engine, GlossCaptioning *captioning)
{
  pane->engine = g_object_ref (engine);
  pane->captioning = g_object_ref (captioning);
  g_signal_connect_object (engine, "changed", G_CALLBACK (engine_changed), pane, G_CONNECT_SWAPPED);
  g_signal_connect_object (captioning, "changed", G_CALLBACK (job_changed), pane, 0);
  engine_changed (pane);
}

static void
activate_caption (GlossCaptionPane *pane)
{
  gtk_widget_activate_action (GTK_WIDGET (pane), "win.caption", NULL);
}

static void
gloss_caption_pane_dispose (GObject *object)
{
  GlossCaptionPane *pane = GLOSS_CAPTION_PANE (object);

  g_clear_pointer (&pane->box, gtk_widget_unparent);
  g_clear_pointer (&pane->image, gloss_shared_image_unref);
  g_clear_object (&pane->picture);
  g_clear_object (&pane->captioning);
  g_clear_object (&pane->engine);
  G_OBJECT_CLASS (gloss_caption_pane_parent_class)->dispose (object);
}

static void
gloss_caption_pane_class_init (GlossCaptionPaneClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gloss_caption_pane_dispose;
  signals[BOXES] = g_signal_new ("boxes", GLOSS_TYPE_CAPTION_PANE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 1, G_TYPE_PTR_ARRAY);
  signals[BOX_LIT] = g_signal_new ("box-lit", GLOSS_TYPE_CAPTION_PANE, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT);
  signals[TYPED] = g_signal_new ("typed", GLOSS_TYPE_CAPTION_PANE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 1, G_TYPE_BOOLEAN);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  g_type_ensure (GLOSS_TYPE_TASK_PICKER);
  g_type_ensure (GLOSS_TYPE_CAPTION_TEXT);
  g_type_ensure (GLOSS_TYPE_BOX_LIST);
  g_type_ensure (GLOSS_TYPE_HISTORY_LIST);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/gloss/Gloss/caption-pane.ui");
  gtk_widget_class_bind_template_child (widget_class, GlossCaptionPane, box);
  gtk_widget_class_bind_template_child (widget_class, GlossCaptionPane, picker);
  gtk_widget_class_bind_template_child (widget_class, GlossCaptionPane, failure);
  gtk_widget_class_bind_template_child (widget_class, GlossCaptionPane, reason);
  gtk_widget_class_bind_template_child (widget_class, GlossCaptionPane, text);
  gtk_widget_class_bind_template_child (widget_class, GlossCaptionPane, box_list);
  gtk_widget_class_bind_template_child (widget_class, GlossCaptionPane, note);
  gtk_widget_class_bind_template_child (widget_class, GlossCaptionPane, get_models);
  gtk_widget_class_bind_template_child (widget_class, GlossCaptionPane, history);
  gtk_widget_class_bind_template_child (widget_class, GlossCaptionPane, progress_revealer);
  gtk_widget_class_bind_template_child (widget_class, GlossCaptionPane, phase);
  gtk_widget_class_bind_template_child (widget_class, GlossCaptionPane, progress);
  gtk_widget_class_bind_template_child (widget_class, GlossCaptionPane, actions);
  gtk_widget_class_bind_template_child (widget_class, GlossCaptionPane, spinner);
  gtk_widget_class_bind_template_child (widget_class, GlossCaptionPane, caption);
}

static void
gloss_caption_pane_init (GlossCaptionPane *pane)
{
  gtk_widget_init_template (GTK_WIDGET (pane));
  g_signal_connect_swapped (pane->text, "text-changed", G_CALLBACK (find_boxes), pane);
  g_signal_connect (pane->text, "typed", G_CALLBACK (tell_typed), pane);
  g_signal_connect (pane->box_list, "box-lit", G_CALLBACK (tell_lit_box), pane);
  g_signal_connect (pane->history, "taken", G_CALLBACK (take_back), pane);
  g_signal_connect_swapped (pane->picker, "activated", G_CALLBACK (activate_caption), pane);
}
