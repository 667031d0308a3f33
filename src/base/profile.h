/* Where the time of a run goes: seconds by operation and size. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define GLOSS_PROFILE_N_SIZES 3

/* Calls of one operation with the same sizes. */
typedef struct
{
  const char *operation; /* static */
  gsize sizes[GLOSS_PROFILE_N_SIZES];
  guint64 n_calls;
  gint64 spent_usec;
} GlossProfileEntry;

typedef struct _GlossProfile GlossProfile;

/* One thread at a time, the one that runs the job. */
GlossProfile *gloss_profile_new (void);
void gloss_profile_free (GlossProfile *profile);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossProfile, gloss_profile_free)

/* Forgets what was counted. */
void gloss_profile_clear (GlossProfile *profile);

/* The entries, those that took longest first; borrowed until the profile is used again. */
const GlossProfileEntry *gloss_profile_get_entries (GlossProfile *profile, guint *n_entries);

/* A call that is being timed, see GLOSS_PROFILE in pool.h. Spans do not nest. */
typedef struct
{
  GlossProfile *profile; /* borrowed; NULL: nobody asks */
  GlossProfileEntry call;
  gint64 start_usec;
} GlossProfileSpan;

static inline GlossProfileSpan
gloss_profile_begin (GlossProfile *profile, const char *operation, gsize a, gsize b, gsize c)
{
  return (GlossProfileSpan){ profile,
                             { operation, { a, b, c }, 1, 0 },
                             profile ? g_get_monotonic_time () : 0 };
}

void gloss_profile_end (GlossProfileSpan *span);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GlossProfileSpan, gloss_profile_end)

G_END_DECLS
