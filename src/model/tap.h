/* Looking at activations while a model runs. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Called with each named activation, x[n_rows × n_cols], which is valid during the call only. Names
 * are those of big_vision's intermediates: "vit/block03/+sa", "llm/block07", "llm/pre_logits". */
typedef struct
{
  void (*func) (const char *name, const float *x, gsize n_rows, gsize n_cols, gpointer user_data);
  gpointer user_data;
} GlossTap;

/* Formats the name from @format, an index and nothing else; does nothing when @tap is NULL. */
static inline void G_GNUC_PRINTF (2, 0)
    gloss_tap (const GlossTap *tap, const char *format, gsize layer, const float *x, gsize n_rows,
               gsize n_cols)
{
  char name[64];

  if (!tap)
    return;
  g_snprintf (name, sizeof name, format, (guint) layer);
  tap->func (name, x, n_rows, n_cols, tap->user_data);
}

G_END_DECLS
