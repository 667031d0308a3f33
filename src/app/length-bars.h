/* How long captions are, as bars. */
#pragma once

#include "app/tune-data.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GLOSS_TYPE_LENGTH_BARS (gloss_length_bars_get_type ())
G_DECLARE_FINAL_TYPE (GlossLengthBars, gloss_length_bars, GLOSS, LENGTH_BARS, AdwPreferencesGroup)

/* Shows what is known of @data, or says why nothing is. Main thread. */
void gloss_length_bars_show (GlossLengthBars *bars, GlossTuneData *data);

G_END_DECLS
