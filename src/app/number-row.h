/* A row with a number to change, which says at once when it is none that can be. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

typedef enum
{
  GLOSS_NUMBER_WHOLE,
  GLOSS_NUMBER_REAL, /* with one place behind the point */
  GLOSS_NUMBER_RATE, /* far below 1: steps go by its size */
} GlossNumberKind;

#define GLOSS_TYPE_NUMBER_ROW (gloss_number_row_get_type ())
G_DECLARE_FINAL_TYPE (GlossNumberRow, gloss_number_row, GLOSS, NUMBER_ROW, AdwActionRow)

/* Title and subtitle, which explains the number, are set before. Signal "changed" when a person
 * changed it, also to what is none. Main thread only, as all. */
void gloss_number_row_set_range (GlossNumberRow *row, GlossNumberKind kind, double min, double max);

/* Shows @value, as the person's locale writes it; no signal. */
void gloss_number_row_set_value (GlossNumberRow *row, double value);

/* The last that was one. */
double gloss_number_row_get_value (GlossNumberRow *row);
gboolean gloss_number_row_is_valid (GlossNumberRow *row);

/* Reads all of @text as a number of @kind, in the person's locale or with a point. Any thread. */
gboolean gloss_number_parse (const char *text, GlossNumberKind kind, double *out_value);

/* Newly allocated. Any thread. */
char *gloss_number_format (double value, GlossNumberKind kind);

G_END_DECLS
