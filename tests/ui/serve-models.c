/*
 * The services of net/services.h for the window, which is another process:
 *
 *   serve-models ENTRY FOLDER WHERE=FILE…
 *
 * The files of FOLDER are a model of Hugging Face's called ENTRY, and each FILE is the file of its
 * name at WHERE ("kaggle:…", "bucket:…"); "NAME@FILE" gives it another name. Prints the address,
 * then obeys lines on standard input: "friendly", "no-consent", "stall N" for the next N large
 * downloads, and "log", which prints what was asked for since the last time and an empty line.
 */
#include "net/services.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
add (Services *services, const char *where, const char *name, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;
  char *content;
  gsize n_bytes;

  if (!g_file_get_contents (path, &content, &n_bytes, &error))
    g_error ("%s", error->message);
  bytes = g_bytes_new_take (content, n_bytes);
  services_add (services, where, name, bytes);
}

static void
add_folder (Services *services, const char *entry, const char *folder)
{
  static const char *const names[] = { "config.json", "model.safetensors", "tokenizer.model" };
  g_autofree char *where = g_strconcat ("hf:google/", entry, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i], NULL);

      add (services, where, names[i], path);
    }
}

/* WHERE=FILE or WHERE=NAME@FILE */
static void
add_file (Services *services, const char *argument)
{
  const char *equals = strchr (argument, '=');
  const char *at = equals ? strchr (equals, '@') : NULL;
  g_autofree char *where = equals ? g_strndup (argument, (gsize) (equals - argument)) : NULL;
  const char *path = at ? at + 1 : equals + 1;
  g_autofree char *name = NULL;

  if (!equals)
    g_error ("%s is not of the form WHERE=FILE", argument);
  name = at ? g_strndup (equals + 1, (gsize) (at - equals - 1)) : g_path_get_basename (path);
  add (services, where, name, path);
}

static void
obey (Services *services, char *line)
{
  Server *server = services_get_server (services);

  g_strchomp (line);
  if (strcmp (line, "friendly") == 0)
    services_set_mood (services, SERVICES_FRIENDLY);
  else if (strcmp (line, "no-consent") == 0)
    services_set_mood (services, SERVICES_NO_CONSENT);
  else if (g_str_has_prefix (line, "stall "))
    services_set_stalls (services, (guint) atoi (line + strlen ("stall ")));
  else if (strcmp (line, "log") == 0)
    {
      g_autofree char *log = server_get_log (server);

      server_forget (server);
      g_print ("%s%s\n", log, g_str_has_suffix (log, "\n") || !*log ? "" : "\n");
    }
  else
    g_error ("there is no such order: %s", line);
  /* so that whoever gave the order knows that it holds */
  g_print ("done\n");
  fflush (stdout);
}

int
main (int argc, char **argv)
{
  Services *services = services_new (FALSE);
  char line[256];

  if (argc < 3)
    g_error ("serve-models ENTRY FOLDER WHERE=FILE…");
  add_folder (services, argv[1], argv[2]);
  for (int i = 3; i < argc; i++)
    add_file (services, argv[i]);
  g_print ("%s\n", server_get_base (services_get_server (services)));
  fflush (stdout);
  while (fgets (line, sizeof line, stdin))
    obey (services, line);
  services_free (services);
  return 0;
}
