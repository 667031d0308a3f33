/* What was found out about captions, as a page to look at and to pass on. */
#include "dataset/quality-report.h"

#include "base/i18n.h"
#include "dataset/word-diff.h"
#include "model/thumbnail.h"

#include <math.h>

#define THUMBNAIL_PX 192

static const char style[] =
    ":root{color-scheme:light dark;--fg:#1d1d20;--soft:#5e5c64;--bg:#fafafb;--card:#fff;"
    "--line:#00000014;--new:#1a7f37;--newbg:#d9f5e0;--gone:#b3261e;--gonebg:#fbe0de;"
    "--warn:#fff3cd;--warnfg:#5f4300}"
    "@media(prefers-color-scheme:dark){:root{--fg:#f4f4f5;--soft:#b0aeb8;--bg:#1d1d20;"
    "--card:#29292d;--line:#ffffff1a;--new:#7ee2a0;--newbg:#12391f;--gone:#ff9d96;"
    "--gonebg:#4a1f1c;--warn:#453a12;--warnfg:#ffe9a6}}"
    "*{box-sizing:border-box}"
    "body{margin:0;padding:32px 16px 64px;background:var(--bg);color:var(--fg);"
    "font:16px/1.5 system-ui,sans-serif}"
    "main{max-width:960px;margin:0 auto}"
    "h1{font-size:1.6rem;line-height:1.25;margin:0 0 4px}h2{font-size:1.15rem;margin:40px 0 12px}"
    ".soft{color:var(--soft)}p{margin:0 0 8px}"
    ".wide{overflow-x:auto;background:var(--card);border:1px solid var(--line);"
    "border-radius:12px;margin-top:20px}"
    "table{border-collapse:collapse;width:100%}th,td{padding:10px 16px;text-align:right;"
    "font-variant-numeric:tabular-nums;border-top:1px solid var(--line);white-space:nowrap}"
    "thead th{border-top:0;color:var(--soft);font-weight:600}"
    "th:first-child{text-align:start;font-weight:500}"
    ".note{background:var(--warn);color:var(--warnfg);border-radius:12px;padding:12px 16px;"
    "margin:16px 0 0}"
    "article{display:flex;gap:20px;background:var(--card);border:1px solid var(--line);"
    "border-radius:12px;padding:16px;margin:0 0 12px}"
    "figure{margin:0;flex:0 0 144px}img,.none{display:block;width:144px;height:144px;"
    "object-fit:contain;border-radius:8px;background:var(--bg)}"
    ".words{flex:1;min-width:0;overflow-wrap:anywhere}h3{font-size:1rem;margin:0 0 8px;"
    "display:flex;flex-wrap:wrap;gap:0 16px;justify-content:space-between}"
    "h3 span{font-weight:400;font-variant-numeric:tabular-nums}"
    "dl{margin:0}dt{color:var(--soft);font-size:.85rem}dd{margin:0 0 8px}"
    "ins,del{border-radius:4px;padding:0 3px}ins{color:var(--new);background:var(--newbg)}"
    "del{color:var(--gone);background:var(--gonebg)}"
    "@media(max-width:560px){article{flex-direction:column}th,td{padding:8px}"
    "th{white-space:normal;overflow-wrap:anywhere}}";

/* Text as it is; what is neither UTF-8 nor allowed in HTML is replaced. */
static void
append_text (GString *page, const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_autofree char *escaped = NULL;

  for (char *p = valid; *p; p++)
    {
      if ((guchar) *p < 0x20 && *p != '\n' && *p != '\t')
        *p = ' ';
    }
  escaped = g_markup_escape_text (valid, -1);
  g_string_append (page, escaped);
}

static void
append_element (GString *page, const char *begin, const char *text, const char *end)
{
  g_string_append (page, begin);
  append_text (page, text);
  g_string_append (page, end);
}

/* A row of the table: the value of the model, and before it that of the base. */
static void
append_row (GString *page, const GlossQualityReport *report, const char *title, double value,
            double base, guint n_digits)
{
  append_element (page, "<tr><th scope=\"row\">", title, "</th>");
  if (report->base)
    g_string_append_printf (page, "<td>%.*f</td>", (int) n_digits, base);
  g_string_append_printf (page, "<td>%.*f</td>", (int) n_digits, value);
  if (report->base)
    g_string_append_printf (page, "<td>%+.*f</td>", (int) n_digits, value - base);
  g_string_append (page, "</tr>\n");
}

static void
append_table (GString *page, const GlossQualityReport *report)
{
  const GlossQuality *q = report->quality;
  const GlossQuality *b = report->base ? report->base : q;
  double n = MAX (1, q->n_scored), n_base = MAX (1, b->n_scored);

  g_string_append (page, "<div class=\"wide\"><table><thead><tr><th scope=\"col\"></th>");
  if (report->base)
    append_element (page, "<th scope=\"col\">", report->base_model, "</th>");
  append_element (page, "<th scope=\"col\">", report->model, "</th>");
  if (report->base)
    append_element (page, "<th scope=\"col\">", _ ("Change"), "</th>");
  g_string_append (page, "</tr></thead><tbody>\n");
  append_row (page, report, _ ("Loss"), q->loss, b->loss, 4);
  for (guint i = 0; i < GLOSS_NGRAM_MAX; i++)
    {
      g_autofree char *title = g_strdup_printf ("BLEU-%u", i + 1);

      append_row (page, report, title, q->scores.bleu[i], b->scores.bleu[i], 4);
    }
  append_row (page, report, "ROUGE-L", q->scores.rouge_l, b->scores.rouge_l, 4);
  append_row (page, report, "CIDEr", q->scores.cider, b->scores.cider, 4);
  append_row (page, report, _ ("Words in a caption"), q->mean_words, b->mean_words, 1);
  append_row (page, report, _ ("Captions that are alike, %"), 100 * q->n_alike / n,
              100 * b->n_alike / n_base, 0);
  g_string_append (page, "</tbody></table></div>\n");
}

static void
append_thumbnail (GString *page, const GlossQualityRecord *record, GCancellable *cancellable)
{
  g_autoptr (GlossImage) image =
      gloss_image_load_reduced (record->image_path, THUMBNAIL_PX, cancellable, NULL);
  g_autoptr (GBytes) jpeg = image ? gloss_thumbnail_make_jpeg (image, THUMBNAIL_PX) : NULL;
  g_autofree char *text = NULL;
  gsize n_bytes;
  const guchar *bytes;

  if (!jpeg)
    {
      g_string_append (page, "<figure><div class=\"none\"></div></figure>");
      return;
    }
  bytes = g_bytes_get_data (jpeg, &n_bytes);
  text = g_base64_encode (bytes, n_bytes);
  append_element (page, "<figure><img loading=\"lazy\" alt=\"",
                  g_ptr_array_index (record->references, 0), "\" src=\"data:image/jpeg;base64,");
  g_string_append (page, text);
  g_string_append (page, "\"></figure>");
}

/* @after with what changed since @before, of which only one side is shown. */
static void
append_diff (GString *page, const char *before, const char *after, GlossWordsKind shown,
             const char *tag)
{
  g_autoptr (GArray) diff = gloss_word_diff_make (before, after);
  gboolean is_first = TRUE;

  for (guint i = 0; i < diff->len; i++)
    {
      const GlossWords *words = gloss_word_diff_get (diff, i);

      if (words->kind != GLOSS_WORDS_SAME && words->kind != shown)
        continue;
      if (!is_first)
        g_string_append_c (page, ' ');
      is_first = FALSE;
      if (words->kind == shown)
        g_string_append_printf (page, "<%s>", tag);
      append_text (page, words->words);
      if (words->kind == shown)
        g_string_append_printf (page, "</%s>", tag);
    }
}

static void
append_picture (GString *page, const GlossQualityReport *report, guint index,
                GCancellable *cancellable)
{
  const GlossQualityRecord *record = gloss_quality_get (report->quality, index);
  const GlossQualityRecord *base = report->base ? gloss_quality_get (report->base, index) : NULL;
  g_autofree char *name = g_filename_display_basename (record->image_path);

  g_string_append (page, "<article>");
  append_thumbnail (page, record, cancellable);
  append_element (page, "<div class=\"words\"><h3>", name, "");
  if (record->text)
    {
      g_string_append (page, "<span class=\"soft\">");
      append_text (page, _ ("Loss"));
      if (base && base->text)
        g_string_append_printf (page, " %.3f → %.3f", base->loss, record->loss);
      else
        g_string_append_printf (page, " %.3f", record->loss);
      g_string_append_printf (page, " · CIDEr %.2f</span>", record->scores.cider);
    }
  g_string_append (page, "</h3><dl>\n");
  if (base && base->text && record->text)
    {
      append_element (page, "<dt>", report->base_model, "</dt><dd>");
      append_diff (page, base->text, record->text, GLOSS_WORDS_GONE, "del");
      append_element (page, "</dd>\n<dt>", report->model, "</dt><dd>");
      append_diff (page, base->text, record->text, GLOSS_WORDS_NEW, "ins");
      g_string_append (page, "</dd>\n");
    }
  else
    {
      append_element (page, "<dt>", report->model, "</dt>");
      append_element (page, "<dd>", record->text ? record->text : record->failure, "</dd>\n");
    }
  append_element (page, "<dt>", _ ("What was written"), "</dt>");
  for (guint i = 0; i < record->references->len; i++)
    append_element (page, "<dd>", g_ptr_array_index (record->references, i), "</dd>");
  g_string_append (page, "</dl></div></article>\n");
}

static void
append_head (GString *page, const GlossQualityReport *report)
{
  guint n = report->quality->n_scored;
  guint n_failed = report->quality->records->len - n;
  g_autofree char *count =
      g_strdup_printf (g_dngettext ("gloss", "%u picture", "%u pictures", n), n);

  append_element (page,
                  "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\">\n"
                  "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
                  "<title>",
                  report->model, "</title>\n<style>");
  g_string_append (page, style);
  g_string_append (page, "</style></head>\n<body><main>\n");
  append_element (page, "<h1>", report->model, "</h1>\n");
  append_element (page, "<p class=\"soft\">", report->data, " · ");
  append_text (page, count);
  if (n_failed > 0)
    {
      g_autofree char *failed = g_strdup_printf (
          g_dngettext ("gloss", "%u could not be read", "%u could not be read", n_failed),
          n_failed);

      append_element (page, " · ", failed, "");
    }
  g_string_append (page, "</p>\n");
  for (guint i = 0; report->said && report->said[i]; i++)
    append_element (page, "<p class=\"note\">", report->said[i], "</p>\n");
}

char *
gloss_quality_report_make_html (const GlossQualityReport *report, GCancellable *cancellable,
                                GError **error)
{
  g_autoptr (GString) page = g_string_new (NULL);
  g_autofree guint *order = gloss_quality_rank (report->quality);

  append_head (page, report);
  append_table (page, report);
  append_element (page, "<h2>", _ ("Pictures, worst first"), "</h2>\n");
  for (guint i = 0; i < report->quality->records->len; i++)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return NULL;
      append_picture (page, report, order[i], cancellable);
    }
  g_string_append (page, "</main></body></html>\n");
  return g_string_free (g_steal_pointer (&page), FALSE);
}
