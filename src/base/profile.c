/* Where the time of a run goes. */
#include "base/profile.h"

#include <string.h>

struct _GlossProfile
{
  GArray *entries; /* owned, GlossProfileEntry; some twenty */
};

GlossProfile *
gloss_profile_new (void)
{
  GlossProfile *profile = g_new0 (GlossProfile, 1);

  profile->entries = g_array_new (FALSE, TRUE, sizeof (GlossProfileEntry));
  return profile;
}

void
gloss_profile_free (GlossProfile *profile)
{
  g_array_unref (profile->entries);
  g_free (profile);
}

void
gloss_profile_clear (GlossProfile *profile)
{
  g_array_set_size (profile->entries, 0);
}

static int
compare_spent (gconstpointer a, gconstpointer b)
{
  const GlossProfileEntry *first = a, *second = b;

  return (first->spent_usec < second->spent_usec) - (first->spent_usec > second->spent_usec);
}

const GlossProfileEntry *
gloss_profile_get_entries (GlossProfile *profile, guint *n_entries)
{
  g_array_sort (profile->entries, compare_spent);
  *n_entries = profile->entries->len;
  return (const GlossProfileEntry *) profile->entries->data;
}

void
gloss_profile_end (GlossProfileSpan *span)
{
  GArray *entries;

  if (!span->profile)
    return;
  entries = span->profile->entries;
  span->call.spent_usec = g_get_monotonic_time () - span->start_usec;
  for (guint i = 0; i < entries->len; i++)
    {
      GlossProfileEntry *entry = &g_array_index (entries, GlossProfileEntry, i);

      if (strcmp (entry->operation, span->call.operation) == 0
          && memcmp (entry->sizes, span->call.sizes, sizeof entry->sizes) == 0)
        {
          entry->n_calls++;
          entry->spent_usec += span->call.spent_usec;
          return;
        }
    }
  g_array_append_val (entries, span->call);
}
