/* What each of the services does in its own way. */
#pragma once

#include "net/source.h"

#include "base/json.h"

G_BEGIN_DECLS

struct _GlossSource
{
  GlossSourceKind kind;
  char *handle;   /* owned, as all */
  char *revision; /* or NULL: the newest */
  char *endpoint;
  char *authorization; /* or NULL; secret */
  gboolean has_token;  /* Kaggle: a token and not a user name and key */
};

/* Those below that get a reply fail with GLOSS_ERROR_FORMAT. */
typedef struct
{
  guint n_parts; /* of a handle */

  /* what to ask for the list of files, or its next page (@page NULL: the first) */
  GlossRequest *(*make_list_request) (const GlossSource *source, const char *page);
  /* appends the files of one reply to @files; @out_page gets the name of the next page, newly
   * allocated, or NULL; @out_revision that of the version which is listed, or NULL */
  gboolean (*parse_list) (json_t *root, GPtrArray *files, char **out_page, char **out_revision,
                          GError **error);
  GlossRequest *(*make_file_request) (const GlossSource *source, const char *name);
  char *(*explain) (const GlossRefusal *refusal, const GlossSource *source);
  char *(*get_page) (const GlossSource *source);

  /* what to ask for the newest version first, and what the reply says; NULL: not needed */
  GlossRequest *(*make_version_request) (const GlossSource *source);
  char *(*parse_version) (json_t *root, GError **error);
} GlossSourceClass;

extern const GlossSourceClass gloss_kaggle_class;
extern const GlossSourceClass gloss_hugging_face_class;
extern const GlossSourceClass gloss_bucket_class;
extern const GlossSourceClass gloss_web_class;

/* Adds a file to a list; takes @digests over in any case. FALSE when the name or the length of the
 * list is not to be accepted. */
gboolean gloss_source_add_file (GPtrArray *files, const char *name, guint64 n_bytes,
                                GlossDigests *digests, GError **error);

/* A size in JSON: an integer, or one as a string; 0 when it is neither. */
guint64 gloss_source_read_size (json_t *value);

/* @name as part of an address, with its "/". Newly allocated. */
char *gloss_source_escape (const char *name);

G_END_DECLS
