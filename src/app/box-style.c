/* How the boxes of found objects look. */
#include "app/box-style.h"

/* GNOME's palette: blue 3, orange 4, green 5, purple 3, red 3. Light enough for dark pictures, and
 * each outline has a dark line beside it for light ones. */
static const GdkRGBA colors[GLOSS_N_BOX_STYLES] = {
  { 0.208f, 0.518f, 0.894f, 1 }, { 0.902f, 0.380f, 0.000f, 1 }, { 0.149f, 0.635f, 0.412f, 1 },
  { 0.569f, 0.255f, 0.675f, 1 }, { 0.878f, 0.106f, 0.141f, 1 },
};

static const struct
{
  float dashes[4];
  guint n;
} patterns[GLOSS_N_BOX_STYLES] = {
  { { 0 }, 0 }, { { 10, 5 }, 2 }, { { 3, 4 }, 2 }, { { 12, 4, 3, 4 }, 4 }, { { 18, 6 }, 2 },
};

const GdkRGBA *
gloss_box_style_get_color (guint index)
{
  return &colors[index % GLOSS_N_BOX_STYLES];
}

const float *
gloss_box_style_get_dashes (guint index, guint *n_dashes)
{
  *n_dashes = patterns[index % GLOSS_N_BOX_STYLES].n;
  return patterns[index % GLOSS_N_BOX_STYLES].dashes;
}
