/* Files at addresses below one folder of any web server, without a list of them. */
#include "net/source-private.h"

static GlossRequest *
make_file_request (const GlossSource *source, const char *name)
{
  g_autofree char *escaped = gloss_source_escape (name);
  g_autofree char *url = g_strconcat (source->endpoint, "/", escaped, NULL);

  return gloss_request_new (url, NULL);
}

static char *
explain (const GlossRefusal *refusal, const GlossSource *source)
{
  return NULL;
}

static char *
get_page (const GlossSource *source)
{
  return NULL;
}

const GlossSourceClass gloss_web_class = {
  .make_file_request = make_file_request,
  .explain = explain,
  .get_page = get_page,
};
