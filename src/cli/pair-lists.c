/* The lists of pictures and captions that a person names for a command. */
#include "cli/pair-lists.h"

#include "cli/commands.h"
#include "cli/messages.h"
#include "library/edited-pairs.h"

const char *
gloss_pair_lists_get_name (const GlossPairLists *lists)
{
  return lists->path ? lists->path : "edited captions";
}

/* What is left out is no reason not to begin, but nobody should find out afterwards. */
static void
tell_problems (const GlossPairs *pairs, const char *path)
{
  guint n = 0;

  for (guint i = 0; i < GLOSS_N_PAIRS_PROBLEMS; i++)
    n += pairs->n_problems[i];
  if (n > 0)
    gloss_cli_note ("%u entries cannot be used and are left out; \"gloss-cli data check %s\" says "
                    "which and why",
                    n, path ? path : "--edited");
}

gboolean
gloss_pair_lists_read (const GlossPairLists *lists, GlossPairs **pairs, GlossPairs **held_out,
                       GCancellable *cancellable, GError **error)
{
  g_autoptr (GlossPairs) all = lists->path ? gloss_pairs_read (lists->path, cancellable, error)
                                           : gloss_edited_pairs_read_default (cancellable, error);
  g_autoptr (GlossPairs) validation = NULL;

  if (!all)
    return FALSE;
  if (!lists->quiet)
    tell_problems (all, lists->path);
  if (lists->validation)
    {
      validation = gloss_pairs_read (lists->validation, cancellable, error);
      if (!validation)
        return FALSE;
      if (!lists->quiet)
        tell_problems (validation, lists->validation);
    }
  else
    gloss_pairs_split (all, lists->validation_share, lists->seed);
  *pairs = g_steal_pointer (&all);
  *held_out = g_steal_pointer (&validation);
  return TRUE;
}

gboolean
gloss_pair_lists_check (const char *command, char **data, gboolean is_edited)
{
  if (is_edited && data)
    return gloss_cli_refuse_usage (command, "--edited stands for a folder or list; name none");
  if (!is_edited && (!data || data[1]))
    return gloss_cli_refuse_usage (command, "name one folder or list of pictures and captions, or "
                                            "--edited");
  return TRUE;
}
