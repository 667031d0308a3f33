/* What a run of fine-tuning is to do. */
#include "library/tuning-settings.h"

#include "model/captioner.h"

#include <math.h>

/* Every number, in one list: X (name, place, least, most). Those of JSON are doubles or integers by
 * the type of the place. */
#define REALS(X)                                                                                   \
  X ("validation_share", validation_share, 0, 0.9)                                                 \
  X ("epochs", epochs, 0, 1e5)                                                                     \
  X ("alpha", train.alpha, 0, 1e6)                                                                 \
  X ("learning_rate", trainer.learning_rate, 0, 1e3)                                               \
  X ("warmup", trainer.warmup_frac, 0, 1)                                                          \
  X ("weight_decay", trainer.optimizer.weight_decay, 0, 1e3)                                       \
  X ("clip_norm", trainer.optimizer.clip_norm, 0, 1e9)                                             \
  X ("beta1", trainer.optimizer.beta1, 0, 1)                                                       \
  X ("beta2", trainer.optimizer.beta2, 0, 1)                                                       \
  X ("epsilon", trainer.optimizer.epsilon, 0, 1)                                                   \
  X ("label_smoothing", trainer.label_smoothing, 0, 0.999)                                         \
  X ("dropout", trainer.dropout, 0, 0.999)

#define INTEGERS(X)                                                                                \
  X ("max_ids", max_ids, 8, 4096)                                                                  \
  X ("keeps_case", keeps_case, 0, 1)                                                               \
  X ("train", train.set, 0, GLOSS_TRAIN_ALL)                                                       \
  X ("top_layers", train.n_top_layers, 0, 1000)                                                    \
  X ("freeze_stem", train.freeze_stem, 0, 1)                                                       \
  X ("rank", train.rank, 0, GLOSS_LORA_MAX_RANK)                                                   \
  X ("projections", train.projections, 0, GLOSS_ALL_PROJECTIONS)                                   \
  X ("adapter_seed", train.seed, 0, G_MAXINT64)                                                    \
  X ("steps", trainer.n_steps, 0, GLOSS_TUNING_MAX_STEPS)                                          \
  X ("batch", trainer.batch, 1, 65536)                                                             \
  X ("micro_batch", trainer.micro_batch, 0, GLOSS_TRAINER_MAX_MICRO_BATCH)                         \
  X ("schedule", trainer.schedule, 0, GLOSS_SCHEDULE_CONSTANT)                                     \
  X ("optimizer", trainer.optimizer.kind, 0, GLOSS_OPTIMIZER_ADAMW)                                \
  X ("seed", trainer.seed, 0, G_MAXINT64)                                                          \
  X ("eval_steps", trainer.eval_steps, 0, GLOSS_TUNING_MAX_STEPS)                                  \
  X ("snapshot_steps", trainer.snapshot_steps, 0, GLOSS_TUNING_MAX_STEPS)                          \
  X ("captions", trainer.n_captions, 0, 10000)                                                     \
  X ("caption_tokens", trainer.max_tokens, 1, GLOSS_CAPTION_MAX_TOKENS)                            \
  X ("cache_bytes", trainer.max_cache_bytes, 0, G_MAXINT64)                                        \
  X ("kept_bytes", trainer.max_kept_bytes, 0, G_MAXINT64)                                        \
  X ("keeps_best", trainer.keeps_best, 0, 1)                                                       \
  X ("keeps_snapshot", trainer.keeps_snapshot, 0, 1)

#define STRINGS(X)                                                                                 \
  X (base_path)                                                                                    \
  X (base_name)                                                                                    \
  X (tokenizer)                                                                                    \
  X (data_path)                                                                                    \
  X (validation)                                                                                   \
  X (preset)                                                                                       \
  X (prompt)

GlossTuningSettings *
gloss_tuning_settings_new (void)
{
  GlossTuningSettings *settings = g_new0 (GlossTuningSettings, 1);

  settings->validation_share = 0.1;
  settings->max_ids = 128;
  settings->keeps_case = TRUE;
  settings->trainer.batch = 8;
  settings->trainer.learning_rate = 0.03;
  settings->trainer.warmup_frac = 0.1;
  settings->trainer.n_captions = GLOSS_TRAINER_DEFAULT_N_CAPTIONS;
  settings->trainer.max_tokens = 128;
  settings->trainer.max_cache_bytes = 2000000000;
  settings->trainer.max_kept_bytes = 2000000000;
  gloss_optimizer_options_init (&settings->trainer.optimizer, GLOSS_OPTIMIZER_SGD);
  return settings;
}

GlossTuningSettings *
gloss_tuning_settings_copy (const GlossTuningSettings *settings)
{
  GlossTuningSettings *copy = g_new (GlossTuningSettings, 1);

  *copy = *settings;
#define COPY(name) copy->name = g_strdup (settings->name);
  STRINGS (COPY)
#undef COPY
  return copy;
}

void
gloss_tuning_settings_free (GlossTuningSettings *settings)
{
  if (!settings)
    return;
#define FREE(name) g_free (settings->name);
  STRINGS (FREE)
#undef FREE
  g_free (settings);
}

guint
gloss_tuning_settings_count_steps (const GlossTuningSettings *settings, guint n_examples)
{
  if (settings->epochs > 0)
    return (guint) CLAMP (rint (settings->epochs * n_examples / settings->trainer.batch), 1,
                          GLOSS_TUNING_MAX_STEPS);
  return settings->trainer.n_steps > 0 ? settings->trainer.n_steps : GLOSS_TUNING_DEFAULT_STEPS;
}

/* File names are bytes; JSON has text. */
static json_t *
string_to_json (const char *string)
{
  g_autofree char *escaped = string ? g_uri_escape_string (string, "/ !$&'()*+,;=:@", TRUE) : NULL;

  return string ? json_string (escaped) : json_null ();
}

json_t *
gloss_tuning_settings_to_json (const GlossTuningSettings *settings)
{
  json_t *object = json_object ();

#define PUT_STRING(name)                                                                           \
  json_object_set_new (object, G_STRINGIFY (name), string_to_json (settings->name));
#define PUT_REAL(key, place, least, most)                                                          \
  json_object_set_new (object, key, json_real ((double) settings->place));
#define PUT_INTEGER(key, place, least, most)                                                       \
  json_object_set_new (object, key, json_integer ((json_int_t) settings->place));
  STRINGS (PUT_STRING)
  REALS (PUT_REAL)
  INTEGERS (PUT_INTEGER)
#undef PUT_STRING
#undef PUT_REAL
#undef PUT_INTEGER
  return object;
}

static double
get_real (json_t *object, const char *key, double least, double most, double otherwise)
{
  json_t *value = json_object_get (object, key);
  double real = json_number_value (value);

  return json_is_number (value) && real >= least && real <= most ? real : otherwise;
}

static json_int_t
get_integer (json_t *object, const char *key, json_int_t least, json_int_t most,
             json_int_t otherwise)
{
  json_t *value = json_object_get (object, key);
  json_int_t integer = json_integer_value (value);

  return json_is_integer (value) && integer >= least && integer <= most ? integer : otherwise;
}

GlossTuningSettings *
gloss_tuning_settings_from_json (json_t *object)
{
  GlossTuningSettings *settings = gloss_tuning_settings_new ();

#define GET_STRING(name)                                                                           \
  settings->name = g_uri_unescape_string (                                                         \
      json_string_value (json_object_get (object, G_STRINGIFY (name))), NULL);
#define GET_REAL(key, place, least, most)                                                          \
  settings->place = (__typeof__ (settings->place)) get_real (object, key, least, most,             \
                                                             (double) settings->place);
#define GET_INTEGER(key, place, least, most)                                                       \
  settings->place = (__typeof__ (settings->place)) get_integer (object, key, least, most,          \
                                                                (json_int_t) settings->place);
  STRINGS (GET_STRING)
  REALS (GET_REAL)
  INTEGERS (GET_INTEGER)
#undef GET_STRING
#undef GET_REAL
#undef GET_INTEGER
  return settings;
}
