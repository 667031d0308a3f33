/*
 * Whose turn it is to compute, where several threads would use the whole machine: one at a time,
 * and what somebody waits for comes before what goes on for hours.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _GlossTurn GlossTurn;

/* All functions: any thread. */
GlossTurn *gloss_turn_new (void);
void gloss_turn_free (GlossTurn *turn);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossTurn, gloss_turn_free)

/* Waits until nobody has the turn and takes it; whoever @is_urgent comes before those who are not.
 * FALSE with G_IO_ERROR_CANCELLED, without it. */
gboolean gloss_turn_take (GlossTurn *turn, gboolean is_urgent, GCancellable *cancellable,
                          GError **error);
void gloss_turn_give (GlossTurn *turn);

/* Whether somebody waits for it who is urgent: the moment to give it away for a while. */
gboolean gloss_turn_is_wanted (GlossTurn *turn);

G_END_DECLS
