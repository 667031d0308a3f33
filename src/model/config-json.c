/* A configuration in Gloss's own words. */
#include "model/config-json.h"

#include "base/error.h"

#include <math.h>

#define WRITE_SIZE(value) json_integer ((json_int_t) (value))
#define WRITE_NUMBER(value) json_real ((double) (value))
#define WRITE_FLAG(value) json_boolean (value)

json_t *
gloss_model_config_to_json (const GlossModelConfig *config)
{
  json_t *object = json_object ();

#define F(field, kind, ...) json_object_set_new (object, #field, WRITE_##kind (config->field));
#include "base/i18n.h"
#include "model/config-fields.inc"
#undef F
  return object;
}

static gboolean
read_SIZE (json_t *value, const char *field, gsize *out)
{
  if (!json_is_integer (value) || json_integer_value (value) < 1
      || json_integer_value (value) > (json_int_t) GLOSS_CONFIG_MAX_DIM)
    return FALSE;
  *out = (gsize) json_integer_value (value);
  return TRUE;
}

/* Only a soft-cap may be 0, which means none. */
static gboolean
read_NUMBER (json_t *value, const char *field, float *out)
{
  *out = (float) json_number_value (value);
  return json_is_number (value) && isfinite (*out)
         && (*out > 0 || (*out == 0 && g_str_has_suffix (field, "_softcap")));
}

static gboolean
read_FLAG (json_t *value, const char *field, gboolean *out)
{
  *out = json_is_true (value);
  return json_is_boolean (value);
}

gboolean
gloss_model_config_from_json (GlossModelConfig *config, json_t *object, const char *origin,
                              GError **error)
{
  const char *wrong = NULL;
  gsize n_fields = 0;

#define F(field, kind, ...)                                                                        \
  n_fields++;                                                                                      \
  if (!wrong && !read_##kind (json_object_get (object, #field), #field, &config->field))           \
    wrong = #field;
#include "model/config-fields.inc"
#undef F

  if (wrong)
    g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                 _ ("%s: \"%s\" of its configuration is missing or out of bounds"), origin, wrong);
  else if (json_object_size (object) != n_fields)
    g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                 _ ("%s: its configuration has %zu fields, expected %zu"), origin,
                 json_object_size (object), n_fields);
  else
    return TRUE;
  return FALSE;
}
