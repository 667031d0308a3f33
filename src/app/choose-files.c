/* Asking for files and folders. */
#include "app/choose-files.h"

#include <glib/gi18n.h>

#define FUNC_KEY "gloss-func"
#define SUBJECT_KEY "gloss-subject"
#define CHOOSER_KEY "gloss-chooser"

static const char *
get_title (GlossChoice choice)
{
  switch (choice)
    {
    case GLOSS_CHOOSE_PICTURES:
      return _ ("Open Pictures");
    case GLOSS_CHOOSE_PICTURE_FOLDER:
      return _ ("Open Folder");
    case GLOSS_CHOOSE_MODEL_FILE:
      return _ ("Open Model File");
    case GLOSS_CHOOSE_MODEL_FOLDER:
      return _ ("Open Model Folder");
    case GLOSS_CHOOSE_TOKENIZER:
      return _ ("Choose Tokenizer");
    case GLOSS_CHOOSE_MODELS_FOLDER:
      return _ ("Choose Models Folder");
    case GLOSS_CHOOSE_DATA_FOLDER:
      return _ ("Choose Folder of Pictures with Captions");
    case GLOSS_CHOOSE_DATA_FILE:
      return _ ("Choose List of Captions");
    }
  g_assert_not_reached ();
}

static void
add_filters (GtkFileChooser *chooser, GlossChoice choice)
{
  g_autoptr (GtkFileFilter) wanted = gtk_file_filter_new ();
  g_autoptr (GtkFileFilter) all = gtk_file_filter_new ();

  if (choice == GLOSS_CHOOSE_PICTURES)
    {
      gtk_file_filter_set_name (wanted, _ ("Pictures"));
      gtk_file_filter_add_mime_type (wanted, "image/*");
    }
  else if (choice == GLOSS_CHOOSE_TOKENIZER)
    {
      gtk_file_filter_set_name (wanted, _ ("Tokenizers"));
      gtk_file_filter_add_suffix (wanted, "model");
    }
  else if (choice == GLOSS_CHOOSE_DATA_FILE)
    {
      gtk_file_filter_set_name (wanted, _ ("Lists of Captions"));
      gtk_file_filter_add_suffix (wanted, "jsonl");
      gtk_file_filter_add_suffix (wanted, "json");
      gtk_file_filter_add_suffix (wanted, "csv");
    }
  else
    {
      gtk_file_filter_set_name (wanted, _ ("Models"));
      gtk_file_filter_add_suffix (wanted, "npz");
      gtk_file_filter_add_suffix (wanted, "safetensors");
      gtk_file_filter_add_suffix (wanted, "gloss");
      gtk_file_filter_add_suffix (wanted, "gz");
      gtk_file_filter_add_suffix (wanted, "zip");
    }
  gtk_file_filter_set_name (all, _ ("All Files"));
  gtk_file_filter_add_pattern (all, "*");
  gtk_file_chooser_add_filter (chooser, wanted);
  gtk_file_chooser_add_filter (chooser, all);
}

static void
respond (GtkNativeDialog *dialog, int response, gpointer data)
{
  g_autoptr (GListModel) files = gtk_file_chooser_get_files (GTK_FILE_CHOOSER (dialog));
  GlossChosenFunc func = (GlossChosenFunc) g_object_get_data (G_OBJECT (dialog), FUNC_KEY);
  GtkWindow *window = gtk_native_dialog_get_transient_for (dialog);

  if (response == GTK_RESPONSE_ACCEPT && window && g_list_model_get_n_items (files) > 0)
    func (g_object_get_data (G_OBJECT (dialog), SUBJECT_KEY), files);
  if (window)
    g_object_set_data (G_OBJECT (window), CHOOSER_KEY, NULL);
}

void
gloss_choose_files (GtkWindow *window, GlossChoice choice, GlossChosenFunc func, GObject *subject)
{
  gboolean is_folder = choice == GLOSS_CHOOSE_PICTURE_FOLDER || choice == GLOSS_CHOOSE_MODEL_FOLDER
                       || choice == GLOSS_CHOOSE_MODELS_FOLDER
                       || choice == GLOSS_CHOOSE_DATA_FOLDER;
  GtkFileChooserNative *chooser = gtk_file_chooser_native_new (
      get_title (choice), window,
      is_folder ? GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER : GTK_FILE_CHOOSER_ACTION_OPEN, NULL, NULL);

  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (chooser), TRUE);
  gtk_file_chooser_set_select_multiple (GTK_FILE_CHOOSER (chooser),
                                        choice == GLOSS_CHOOSE_PICTURES
                                            || choice == GLOSS_CHOOSE_PICTURE_FOLDER);
  if (!is_folder)
    add_filters (GTK_FILE_CHOOSER (chooser), choice);
  g_object_set_data (G_OBJECT (chooser), FUNC_KEY, (gpointer) func);
  /* the window holds the chooser, and must not hold itself by it */
  g_object_set_data_full (G_OBJECT (chooser), SUBJECT_KEY,
                          subject == G_OBJECT (window) ? subject : g_object_ref (subject),
                          subject == G_OBJECT (window) ? NULL : g_object_unref);
  g_signal_connect (chooser, "response", G_CALLBACK (respond), NULL);
  /* nobody else owns a native dialog; the window does, until it is answered */
  g_object_set_data_full (G_OBJECT (window), CHOOSER_KEY, chooser, g_object_unref);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}
