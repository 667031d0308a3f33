/*
 * The words of a picture.
 *
 * Every picture that was written on keeps a text buffer of its own, and with it its undo history;
 * what a job says goes into one more, so that half a sentence is nothing to undo. A new caption
 * replaces the old as one step that can be undone.
 */
#include "app/caption-text.h"

#include "app/words.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <string.h>

#define BUFFER_KEY "gloss-buffer"

struct _GlossCaptionText
{
  GtkWidget parent_instance;

  GtkWidget *box; /* owned as a child */
  GtkTextView *view;
  GtkWidget *placeholder;
  GtkLabel *counter;
  GtkWidget *undo;
  GtkWidget *redo;
  GtkWidget *copy;

  GtkTextTagTable *tags; /* owned */
  GtkTextBuffer *stream; /* owned; what a job says */
  GtkTextBuffer *buffer; /* owned reference; the picture's, or an empty one */
  GlossPicture *picture; /* owned reference, or NULL */
  gboolean is_ours;      /* the buffer changes because of us, not of the person */
};

enum
{
  TYPED,
  TEXT_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GlossCaptionText, gloss_caption_text, GTK_TYPE_WIDGET)

static char *
get_buffer_text (GtkTextBuffer *buffer)
{
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  return gtk_text_buffer_get_text (buffer, &start, &end, TRUE);
}

/* The buffer that is on the screen. */
static GtkTextBuffer *
get_shown (GlossCaptionText *text)
{
  return gtk_text_view_get_buffer (text->view);
}

static void
hide_codes (GtkTextBuffer *buffer)
{
  g_autofree char *raw = get_buffer_text (buffer);
  const char *rest = raw;
  GtkTextIter start, end;
  gsize code_start, code_end;
  glong offset = 0;

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  gtk_text_buffer_remove_tag_by_name (buffer, "code", &start, &end);
  while (gloss_words_find_codes (rest, &code_start, &code_end))
    {
      /* counted on from the last: a text file may be long and have many */
      offset += g_utf8_pointer_to_offset (rest, rest + code_start);
      gtk_text_buffer_get_iter_at_offset (buffer, &start, (int) offset);
      offset += g_utf8_pointer_to_offset (rest + code_start, rest + code_end);
      gtk_text_buffer_get_iter_at_offset (buffer, &end, (int) offset);
      gtk_text_buffer_apply_tag_by_name (buffer, "code", &start, &end);
      rest += code_end;
    }
}

static void
show_counter (GlossCaptionText *text, const char *words)
{
  static const char *const classes[] = { "dim-label", "warning", "error" };
  glong n_chars = g_utf8_strlen (words, -1);
  GlossAltLength length = gloss_words_judge_length (n_chars);
  glong limit = length == GLOSS_ALT_GOOD ? GLOSS_ALT_LONG_CHARS : GLOSS_ALT_TOO_LONG_CHARS;
  g_autofree char *label = NULL;

  /* Translators: characters of a caption, and how many alternative text should have at most */
  label = g_strdup_printf (_ ("%ld of %ld"), n_chars, limit);
  gtk_label_set_label (text->counter, n_chars > 0 ? label : "");
  for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
    gtk_widget_remove_css_class (GTK_WIDGET (text->counter), classes[i]);
  gtk_widget_add_css_class (GTK_WIDGET (text->counter), classes[length]);
  switch (length)
    {
    case GLOSS_ALT_GOOD:
      gtk_widget_set_tooltip_text (GTK_WIDGET (text->counter),
                                   _ ("Characters; alternative text is best within 125"));
      break;
    case GLOSS_ALT_LONG:
      gtk_widget_set_tooltip_text (
          GTK_WIDGET (text->counter),
          _ ("Over 125 characters, which is long for alternative text; 250 are the limit"));
      break;
    case GLOSS_ALT_TOO_LONG:
      gtk_widget_set_tooltip_text (GTK_WIDGET (text->counter),
                                   _ ("Over the 250 characters that alternative text may have"));
      break;
    }
}

static void
update (GlossCaptionText *text)
{
  g_autofree char *raw = get_buffer_text (get_shown (text));
  g_autofree char *words = gloss_words_strip_codes (raw);
  gboolean is_stream = get_shown (text) == text->stream;

  gtk_widget_set_visible (text->placeholder, !is_stream && *raw == '\0');
  gtk_widget_set_sensitive (text->copy, *words != '\0');
  gtk_widget_set_sensitive (text->undo, !is_stream && gtk_text_buffer_get_can_undo (text->buffer));
  gtk_widget_set_sensitive (text->redo, !is_stream && gtk_text_buffer_get_can_redo (text->buffer));
  show_counter (text, words);
}

/* Whether a word may have ended with the last change: the cursor stands behind no letter. */
static gboolean
is_word_end (GtkTextBuffer *buffer)
{
  GtkTextIter cursor;

  gtk_text_buffer_get_iter_at_mark (buffer, &cursor, gtk_text_buffer_get_insert (buffer));
  return !gtk_text_iter_backward_char (&cursor)
         || !g_unichar_isalnum (gtk_text_iter_get_char (&cursor));
}

static void
buffer_changed (GtkTextBuffer *buffer, GlossCaptionText *text)
{
  hide_codes (buffer);
  if (buffer != get_shown (text))
    return;
  if (buffer == text->buffer && !text->is_ours && text->picture)
    {
      g_autofree char *raw = get_buffer_text (buffer);

      text->is_ours = TRUE;
      gloss_picture_edit (text->picture, raw);
      text->is_ours = FALSE;
      g_signal_emit (text, signals[TYPED], 0, is_word_end (buffer));
    }
  update (text);
  g_signal_emit (text, signals[TEXT_CHANGED], 0);
}

static GtkTextBuffer *
make_buffer (GlossCaptionText *text)
{
  GtkTextBuffer *buffer = gtk_text_buffer_new (text->tags);

  g_signal_connect_object (buffer, "changed", G_CALLBACK (buffer_changed), text, 0);
  g_signal_connect_object (buffer, "notify::can-undo", G_CALLBACK (update), text,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (buffer, "notify::can-redo", G_CALLBACK (update), text,
                           G_CONNECT_SWAPPED);
  return buffer;
}

/* The picture has other words: one step that can be undone, unless it is the first text. */
static void
take_caption (GlossCaptionText *text)
{
  const char *caption = text->picture ? gloss_picture_get_caption (text->picture) : "";
  g_autofree char *raw = get_buffer_text (text->buffer);
  gboolean can_undo = *raw != '\0' || gtk_text_buffer_get_can_undo (text->buffer);
  GtkTextIter start, end;

  if (text->is_ours || strcmp (raw, caption) == 0)
    return;
  text->is_ours = TRUE;
  if (can_undo)
    gtk_text_buffer_begin_user_action (text->buffer);
  else
    gtk_text_buffer_begin_irreversible_action (text->buffer);
  gtk_text_buffer_get_bounds (text->buffer, &start, &end);
  gtk_text_buffer_delete (text->buffer, &start, &end);
  gtk_text_buffer_insert (text->buffer, &start, caption, -1);
  if (can_undo)
    gtk_text_buffer_end_user_action (text->buffer);
  else
    gtk_text_buffer_end_irreversible_action (text->buffer);
  text->is_ours = FALSE;
}

static void
put_away_buffer (GlossCaptionText *text)
{
  if (text->picture
      && (gtk_text_buffer_get_can_undo (text->buffer)
          || gtk_text_buffer_get_can_redo (text->buffer)))
    g_object_set_data_full (G_OBJECT (text->picture), BUFFER_KEY, g_object_ref (text->buffer),
                            g_object_unref);
  g_clear_object (&text->buffer);
}

void
gloss_caption_text_set_picture (GlossCaptionText *text, GlossPicture *picture)
{
  GtkTextBuffer *kept = picture ? g_object_get_data (G_OBJECT (picture), BUFFER_KEY) : NULL;

  if (picture == text->picture)
    return;
  put_away_buffer (text);
  if (text->picture)
    g_signal_handlers_disconnect_by_func (text->picture, take_caption, text);
  g_set_object (&text->picture, picture);
  text->buffer = kept ? g_object_ref (kept) : make_buffer (text);
  take_caption (text);
  if (picture)
    g_signal_connect_object (picture, "notify::caption", G_CALLBACK (take_caption), text,
                             G_CONNECT_SWAPPED);
  gtk_text_view_set_buffer (text->view, text->buffer);
  gtk_text_view_set_editable (text->view, picture != NULL);
  update (text);
  g_signal_emit (text, signals[TEXT_CHANGED], 0);
}

void
gloss_caption_text_show_stream (GlossCaptionText *text, const char *said)
{
  GtkTextBuffer *shown = said ? text->stream : text->buffer;

  if (said)
    gtk_text_buffer_set_text (text->stream, said, -1);
  if (shown == get_shown (text))
    return;
  gtk_text_view_set_buffer (text->view, shown);
  gtk_text_view_set_editable (text->view, !said && text->picture);
  /* gtk_text_view_set_cursor_visible () leaves the blinking on when a menu has the focus, and GTK
   * 4.8 aborts at the next blink */
  if (said)
    gtk_widget_add_css_class (GTK_WIDGET (text->view), "stream");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (text->view), "stream");
  update (text);
  g_signal_emit (text, signals[TEXT_CHANGED], 0);
}

char *
gloss_caption_text_get_raw (GlossCaptionText *text)
{
  return get_buffer_text (get_shown (text));
}

void
gloss_caption_text_copy (GlossCaptionText *text, GlossCopyFormat format)
{
  g_autofree char *raw = gloss_caption_text_get_raw (text);
  g_autofree char *words = gloss_words_strip_codes (raw);
  g_autofree char *copied = NULL;

  switch (format)
    {
    case GLOSS_COPY_PLAIN:
      copied = g_steal_pointer (&words);
      break;
    case GLOSS_COPY_HTML:
      copied = gloss_words_to_html (words);
      break;
    case GLOSS_COPY_MARKDOWN:
      copied = gloss_words_to_markdown (
          words, text->picture ? gloss_picture_get_name (text->picture) : "");
      break;
    }
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (text)), copied);
}

void
gloss_caption_text_begin_edit (GlossCaptionText *text)
{
  gtk_widget_grab_focus (GTK_WIDGET (text->view));
}

static void
undo (GlossCaptionText *text)
{
  gtk_text_buffer_undo (text->buffer);
}

static void
redo (GlossCaptionText *text)
{
  gtk_text_buffer_redo (text->buffer);
}

static void
gloss_caption_text_dispose (GObject *object)
{
  GlossCaptionText *text = GLOSS_CAPTION_TEXT (object);

  g_clear_pointer (&text->box, gtk_widget_unparent);
  g_clear_object (&text->picture);
  g_clear_object (&text->buffer);
  g_clear_object (&text->stream);
  g_clear_object (&text->tags);
  G_OBJECT_CLASS (gloss_caption_text_parent_class)->dispose (object);
}

static void
gloss_caption_text_class_init (GlossCaptionTextClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gloss_caption_text_dispose;
  signals[TYPED] = g_signal_new ("typed", GLOSS_TYPE_CAPTION_TEXT, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 1, G_TYPE_BOOLEAN);
  signals[TEXT_CHANGED] = g_signal_new ("text-changed", GLOSS_TYPE_CAPTION_TEXT, G_SIGNAL_RUN_LAST,
                                        0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/gloss/Gloss/caption-text.ui");
  gtk_widget_class_bind_template_child (widget_class, GlossCaptionText, box);
  gtk_widget_class_bind_template_child (widget_class, GlossCaptionText, view);
  gtk_widget_class_bind_template_child (widget_class, GlossCaptionText, placeholder);
  gtk_widget_class_bind_template_child (widget_class, GlossCaptionText, counter);
  gtk_widget_class_bind_template_child (widget_class, GlossCaptionText, undo);
  gtk_widget_class_bind_template_child (widget_class, GlossCaptionText, redo);
  gtk_widget_class_bind_template_child (widget_class, GlossCaptionText, copy);
}

static void
gloss_caption_text_init (GlossCaptionText *text)
{
  GtkTextTag *tag = gtk_text_tag_new ("code");

  gtk_widget_init_template (GTK_WIDGET (text));
  g_object_set (tag, "invisible", TRUE, NULL);
  text->tags = gtk_text_tag_table_new ();
  gtk_text_tag_table_add (text->tags, tag);
  g_object_unref (tag);
  text->stream = make_buffer (text);
  gtk_text_buffer_set_enable_undo (text->stream, FALSE);
  text->buffer = make_buffer (text);
  gtk_text_view_set_buffer (text->view, text->buffer);
  gtk_text_view_set_editable (text->view, FALSE);
  g_signal_connect_swapped (text->undo, "clicked", G_CALLBACK (undo), text);
  g_signal_connect_swapped (text->redo, "clicked", G_CALLBACK (redo), text);
  update (text);
}
