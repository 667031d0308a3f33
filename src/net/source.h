/* Where models and data come from: Kaggle, Hugging Face, a public bucket of Google's. */
#pragma once

#include "net/accounts.h"
#include "net/transfer.h"

G_BEGIN_DECLS

typedef enum
{
  GLOSS_SOURCE_KAGGLE,
  GLOSS_SOURCE_HUGGING_FACE,
  GLOSS_SOURCE_BUCKET,
  GLOSS_SOURCE_WEB, /* any web server: no list, no account */
} GlossSourceKind;

/* The servers, each an address without "/" at its end; owned. */
typedef struct
{
  char *kaggle;       /* for a user name and key */
  char *kaggle_token; /* for a token */
  char *hugging_face;
  char *bucket;
} GlossEndpoints;

/*
 * The servers of the three, or others that the environment names: HF_ENDPOINT only when the person
 * has confirmed it (@is_confirmed), since it gets the token; GLOSS_TEST_ENDPOINT, which stands for
 * all of them, only on this machine. FALSE with GLOSS_NET_ERROR_UNCONFIRMED, or with
 * G_IO_ERROR_PERMISSION_DENIED or _INVALID_ARGUMENT. Any thread, while nobody changes the
 * environment.
 */
gboolean gloss_endpoints_init (GlossEndpoints *endpoints, gboolean is_confirmed, GError **error);
void gloss_endpoints_clear (GlossEndpoints *endpoints);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GlossEndpoints, gloss_endpoints_clear)

/* One file of a source. All owned. */
typedef struct
{
  char *name;                /* relative, and safe: see net/safe-name.h */
  guint64 n_bytes;           /* 0: unknown */
  GlossDigests digests;      /* as far as the source tells */
  GlossGrowingFile *growing; /* set by whoever wants to read it while it comes, else NULL */
} GlossSourceFile;

void gloss_source_file_free (GlossSourceFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossSourceFile, gloss_source_file_free)

typedef struct _GlossSource GlossSource;

/*
 * @handle is "OWNER/MODEL/FRAMEWORK/VARIATION", "OWNER/REPOSITORY" or "BUCKET"; @revision a version
 * number, a branch, or NULL for the newest; @account may be NULL. All are copied. NULL with
 * G_IO_ERROR_INVALID_ARGUMENT when
 * @handle or @revision cannot be one. Any thread, as for all of these, but one at a time.
 */
GlossSource *gloss_source_new (GlossSourceKind kind, const char *handle, const char *revision,
                               const GlossEndpoints *endpoints, const GlossAccount *account,
                               GError **error);
/* What lies below the folder with the address @base, without "/" at its end, on any web server.
 * NULL as gloss_address_parse () fails, and when @base has a query. */
GlossSource *gloss_source_new_for_web (const char *base, GError **error);
void gloss_source_free (GlossSource *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossSource, gloss_source_free)

GlossSourceKind gloss_source_get_kind (const GlossSource *source);

/* "kaggle:HANDLE@VERSION" and the like, newly allocated; for a note of where something is from. */
char *gloss_source_describe (const GlossSource *source);

/* The page on which a person accepts the licence, newly allocated; NULL for a bucket and the web.
 */
char *gloss_source_get_page (const GlossSource *source);

/*
 * The files that it has now, a new array of GlossSourceFile; not for GLOSS_SOURCE_WEB. From then on
 * the source stands for just the version that was listed. NULL with what the service says, see
 * gloss_http_send (), or GLOSS_ERROR_FORMAT for a reply that is none.
 */
GPtrArray *gloss_source_list (GlossSource *source, const GlossHttpOptions *options,
                              GCancellable *cancellable, GError **error);

/* What to ask for to get the file @name. New; it borrows @source. */
GlossRequest *gloss_source_make_request (const GlossSource *source, const char *name);

/* Downloads @file to @path as gloss_transfer_run () does. */
gboolean gloss_source_download (const GlossSource *source, const GlossSourceFile *file,
                                const char *path, const GlossHttpOptions *options,
                                GCancellable *cancellable, GlossTransferFunc func,
                                gpointer user_data, GError **error);

G_END_DECLS
