/*
 * Accounts in a real Secret Service, GNOME's keyring, on a message bus of the test's own: unlocked,
 * locked, and not there. Whatever asks it is a process of its own, as another day's session is.
 */
#include "net/accounts.h"
#include "support/asserts.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DAEMON "gnome-keyring-daemon"
#define NAME "org.freedesktop.secrets"

static const char *program; /* this one */

/* The other processes: --find, --keep [USER] SECRET, --forget; they say what came of it. */
static int
act (int argc, char **argv)
{
  g_autoptr (GlossAccounts) accounts = gloss_accounts_new ();
  g_autoptr (GlossAccount) account = NULL;
  g_autoptr (GError) error = NULL;
  GlossService service = argc > 2 && g_str_has_prefix (argv[argc - 1], "hf_")
                             ? GLOSS_SERVICE_HUGGING_FACE
                             : GLOSS_SERVICE_KAGGLE;

  if (strcmp (argv[1], "--find") == 0)
    {
      account = gloss_accounts_find (accounts, GLOSS_SERVICE_KAGGLE, NULL, &error);
      if (account)
        g_print ("%s %s %s", account->user ? account->user : "-", account->secret, account->origin);
    }
  else if (strcmp (argv[1], "--forget") == 0)
    gloss_accounts_forget (accounts, GLOSS_SERVICE_KAGGLE, NULL, &error);
  else
    {
      g_autoptr (GlossAccount) kept =
          gloss_account_new (service, argc > 3 ? argv[2] : NULL, argv[argc - 1], "you", &error);

      g_assert_no_error (error);
      if (!gloss_accounts_keep (accounts, kept, NULL, &error))
        {
          /* but it is there for as long as the program runs */
          account = gloss_accounts_find (accounts, service, NULL, NULL);
          g_assert_cmpstr (account->secret, ==, argv[argc - 1]);
        }
    }
  g_print ("%s", error ? error->message : "");
  fflush (stdout);
  /* without a search for leaks: what the bus says meanwhile, in its own thread, is nobody's by now
   */
  _exit (0);
}

/* What the other process says. */
static char *
ask (const char *action, const char *user, const char *secret)
{
  const char *argv[] = { program, action, user ? user : secret, user ? secret : NULL, NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *complaints = NULL;
  char *said;
  int status;

  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &said, &complaints,
                &status, &error);
  g_assert_no_error (error);
  if (!g_spawn_check_wait_status (status, NULL))
    g_error ("%s: %s", action, complaints);
  return said;
}

static void
assert_says (const char *action, const char *user, const char *secret, const char *expected)
{
  g_autofree char *said = ask (action, user, secret);

  if (*said)
    g_test_message ("%s: %s", action, said);
  g_assert_cmpstr (said, ==, expected);
}

static gboolean
is_there (GDBusConnection *bus)
{
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameHasOwner",
      g_variant_new ("(s)", NAME), NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);
  gboolean has_owner = FALSE;

  if (reply)
    g_variant_get (reply, "(b)", &has_owner);
  return has_owner;
}

static void
wait_until (GDBusConnection *bus, gboolean is_wanted)
{
  gint64 end = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

  while (is_there (bus) != is_wanted && g_get_monotonic_time () < end)
    g_usleep (10000);
  g_assert_cmpint (is_there (bus), ==, is_wanted);
}

/* With its keyring unlocked by @password, or locked. */
static GSubprocess *
start (GDBusConnection *bus, const char *folder, const char *password)
{
  g_autoptr (GError) error = NULL;
  GSubprocess *daemon =
      g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_SILENCE
                            | G_SUBPROCESS_FLAGS_STDERR_SILENCE,
                        &error, DAEMON, "--foreground", "--components=secrets",
                        "--control-directory", folder, password ? "--unlock" : NULL, NULL);

  g_assert_no_error (error);
  if (password)
    g_output_stream_write_all (g_subprocess_get_stdin_pipe (daemon), password, strlen (password),
                               NULL, NULL, NULL);
  g_output_stream_close (g_subprocess_get_stdin_pipe (daemon), NULL, NULL);
  wait_until (bus, TRUE);
  return daemon;
}

static void
stop (GDBusConnection *bus, GSubprocess *daemon)
{
  g_subprocess_force_exit (daemon);
  g_subprocess_wait (daemon, NULL, NULL);
  g_object_unref (daemon);
  wait_until (bus, FALSE);
}

static void
assert_session_only (void)
{
  g_autofree char *said = ask ("--keep", NULL, "KGAT_mySecretToken");

  g_test_message ("%s", said);
  g_assert_nonnull (strstr (said, "lasts for this session only"));
  g_assert_null (strstr (said, "mySecret"));
  assert_says ("--find", NULL, NULL, "");
}

/* That nothing below @folder holds what is secret in the plain. */
static void
assert_hidden (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autofree char *content = NULL;
      gsize n_bytes;

      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        assert_hidden (path);
      else if (g_file_get_contents (path, &content, &n_bytes, NULL))
        g_assert_null (g_strstr_len (content, (gssize) n_bytes, "mySecret"));
    }
}

static void
test_accounts_should_outlast_the_session (gconstpointer data)
{
  const char *folder = data;
  g_autofree char *found = g_find_program_in_path (DAEMON);
  g_autoptr (GTestDBus) service = NULL;
  g_autoptr (GDBusConnection) bus = NULL;
  g_autoptr (GError) error = NULL;
  GSubprocess *daemon;

  if (!found)
    {
      g_test_skip ("there is no " DAEMON);
      return;
    }
  service = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (service);
  bus =
      g_dbus_connection_new_for_address_sync (g_test_dbus_get_bus_address (service),
                                              G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
                                                  | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                              NULL, NULL, &error);
  g_assert_no_error (error);

  /* nobody there */
  assert_session_only ();

  daemon = start (bus, folder, "a password");
  assert_says ("--find", NULL, NULL, "");
  assert_says ("--keep", "me", "mySecretKey", "");
  assert_says ("--keep", NULL, "hf_mySecretToken", "");
  assert_says ("--find", NULL, NULL, "me mySecretKey the keyring");
  stop (bus, daemon);
  assert_hidden (folder);

  /* another day: locked, and nobody to ask for the password */
  daemon = start (bus, folder, NULL);
  assert_session_only ();
  stop (bus, daemon);

  daemon = start (bus, folder, "a password");
  assert_says ("--find", NULL, NULL, "me mySecretKey the keyring");
  assert_says ("--forget", NULL, NULL, "");
  assert_says ("--find", NULL, NULL, "");
  stop (bus, daemon);
  g_dbus_connection_close_sync (bus, NULL, NULL);
  g_test_dbus_down (service);
}

int
main (int argc, char **argv)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  static const char *const variables[] = { "XDG_DATA_HOME",  "XDG_RUNTIME_DIR",   "XDG_CONFIG_HOME",
                                           "XDG_CACHE_HOME", "KAGGLE_CONFIG_DIR", "HF_HOME" };
  char *folder;
  int status;

  if (argc > 1
      && (strcmp (argv[1], "--find") == 0 || strcmp (argv[1], "--keep") == 0
          || strcmp (argv[1], "--forget") == 0))
    return act (argc, argv);
  program = self;
  folder = gloss_test_folder_new ();
  g_setenv ("HOME", folder, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (variables); i++)
    g_setenv (variables[i], folder, TRUE);
  g_unsetenv ("KAGGLE_API_TOKEN");
  g_unsetenv ("KAGGLE_USERNAME");
  g_unsetenv ("KAGGLE_KEY");
  g_unsetenv ("HF_TOKEN");
  g_unsetenv ("SECRET_BACKEND");
  /* libsecret 0.20 gives no error along when nobody can unlock, and GLib complains of that */
  g_unsetenv ("G_DEBUG");
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/net/secret-service/accounts-should-outlast-the-session", folder,
                        test_accounts_should_outlast_the_session);
  status = g_test_run ();
  gloss_test_folder_remove (folder);
  return status;
}
