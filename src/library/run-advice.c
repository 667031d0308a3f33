/* What there is to say about a run of fine-tuning while it goes on. */
#include "library/run-advice.h"

#include "base/json.h"

#include <math.h>
#include <string.h>

#define N_LOOKS 50
#define MIN_STEPS 10
#define MAX_LINE_BYTES (1 << 20)

struct _GlossRunAdvice
{
  double learning_rate;
  guint every;         /* steps between two looks */
  guint n_captions;    /* of the last evaluation */
  guint n_most_common; /* how many of them are one and the same */
  guint n_most_common_reference;
  gboolean is_told[GLOSS_N_ADVICE_KINDS];

  /* owned; of GlossCurvePoint */
  GArray *training;
  GArray *validation;
};

GlossRunAdvice *
gloss_run_advice_new (double learning_rate, guint n_steps)
{
  GlossRunAdvice *advice = g_new0 (GlossRunAdvice, 1);

  advice->learning_rate = learning_rate;
  advice->every = MAX (MIN_STEPS, n_steps / N_LOOKS);
  advice->training = g_array_new (FALSE, FALSE, sizeof (GlossCurvePoint));
  advice->validation = g_array_new (FALSE, FALSE, sizeof (GlossCurvePoint));
  return advice;
}

void
gloss_run_advice_free (GlossRunAdvice *advice)
{
  g_array_unref (advice->training);
  g_array_unref (advice->validation);
  g_free (advice);
}

static void
add (GArray *curve, guint step, double loss)
{
  GlossCurvePoint point = { step, loss };

  g_array_append_val (curve, point);
}

static void
read_line (GlossRunAdvice *advice, json_t *line)
{
  const char *event = json_string_value (json_object_get (line, "event"));
  guint step = (guint) json_integer_value (json_object_get (line, "step"));

  if (g_strcmp0 (event, "step") == 0)
    add (advice->training, step, json_number_value (json_object_get (line, "loss")));
  else if (g_strcmp0 (event, "evaluation") == 0)
    add (advice->validation, step, json_number_value (json_object_get (line, "validation_loss")));
  else if (g_strcmp0 (event, "advice") == 0)
    {
      for (guint i = 0; i < GLOSS_N_ADVICE_KINDS; i++)
        advice->is_told[i] |= g_strcmp0 (gloss_advice_kind_get_name (i),
                                         json_string_value (json_object_get (line, "kind")))
                              == 0;
    }
}

void
gloss_run_advice_read_log (GlossRunAdvice *advice, const char *path)
{
  g_autofree char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return;
  for (const char *p = text, *end; (end = strchr (p, '\n')); p = end + 1)
    {
      g_autoptr (json_t) line =
          gloss_json_parse (p, (gsize) (end - p), MAX_LINE_BYTES, "log.jsonl", NULL);

      if (line)
        read_line (advice, line);
    }
}

GPtrArray *
gloss_run_advice_list (GlossRunAdvice *advice)
{
  const GlossCurves curves = {
    (const GlossCurvePoint *) advice->training->data,
    advice->training->len,
    (const GlossCurvePoint *) advice->validation->data,
    advice->validation->len,
    advice->learning_rate,
  };
  GPtrArray *list = gloss_advice_make (&curves);
  GlossAdvice *alike = gloss_advice_make_for_captions (advice->n_captions, advice->n_most_common,
                                                       advice->n_most_common_reference);

  if (alike)
    g_ptr_array_add (list, alike);
  return list;
}

static GPtrArray *
list_new (GlossRunAdvice *advice)
{
  GPtrArray *list = gloss_run_advice_list (advice);

  for (guint i = list->len; i-- > 0;)
    {
      const GlossAdvice *one = g_ptr_array_index (list, i);
      gboolean is_told = advice->is_told[one->kind];

      advice->is_told[one->kind] = TRUE;
      if (is_told)
        g_ptr_array_remove_index (list, i);
    }
  return list;
}

GPtrArray *
gloss_run_advice_note_step (GlossRunAdvice *advice, guint step, double loss)
{
  add (advice->training, step, loss);
  if (step % advice->every == 0 || !isfinite (loss))
    return list_new (advice);
  return g_ptr_array_new ();
}

/* How often the most frequent of the captions, or of what was written, is there. */
static guint
count_most_common (const GlossTrainEvaluation *evaluation, gboolean is_written)
{
  guint n_most = 0;

  for (guint i = 0; i < evaluation->n_captions; i++)
    {
      guint n = 0;

      for (guint j = 0; j < evaluation->n_captions; j++)
        {
          const GlossTrainCaption *a = &evaluation->captions[i], *b = &evaluation->captions[j];

          n += is_written ? strcmp (a->example->suffix, b->example->suffix) == 0
                          : strcmp (a->text, b->text) == 0;
        }
      n_most = MAX (n_most, n);
    }
  return n_most;
}

GPtrArray *
gloss_run_advice_note_evaluation (GlossRunAdvice *advice, const GlossTrainEvaluation *evaluation)
{
  add (advice->validation, evaluation->step, evaluation->loss);
  /* what the base says is not the run's doing */
  if (evaluation->step > 0)
    {
      advice->n_captions = evaluation->n_captions;
      advice->n_most_common = count_most_common (evaluation, FALSE);
      advice->n_most_common_reference = count_most_common (evaluation, TRUE);
    }
  return list_new (advice);
}
