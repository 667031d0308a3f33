/*
 * Getting a model into Gloss's folder of models: downloaded or imported, with its tokenizer,
 * verified, and only then put in place. Until then it lies in the hidden folder .downloads beside
 * the others, where the next try goes on with it.
 */
#pragma once

#include "library/download-set.h"
#include "library/found-models.h"
#include "library/install-choose.h"
#include "library/install-origin.h"

G_BEGIN_DECLS

typedef enum
{
  GLOSS_INSTALL_LISTING,
  GLOSS_INSTALL_DOWNLOADING,
  GLOSS_INSTALL_UNPACKING,
  GLOSS_INSTALL_TOKENIZER,
  GLOSS_INSTALL_COPYING,
  GLOSS_INSTALL_VERIFYING,
} GlossInstallStage;

/* @progress is NULL but while downloading. As for GlossDownloadFunc. */
typedef void (*GlossInstallFunc) (GlossInstallStage stage, const GlossDownloadProgress *progress,
                                  gpointer user_data);

/* All borrowed for the call. */
typedef struct
{
  const char *name;             /* of the folder to make, one part; what it will be listed as */
  const char *models_folder;    /* made when it is not there */
  GlossSource *source;          /* of the model */
  GPtrArray *tokenizer_sources; /* of GlossSource; asked in turn where the model brings no
                                   tokenizer; or NULL */
  const char *tokenizer_path;   /* a file to take instead of any other, or NULL */
  gboolean with_values;         /* verify that all values are finite, too */
} GlossInstall;

/*
 * Downloads and installs. The path of the new folder, newly allocated. NULL as listing,
 * downloading, unpacking and gloss_verify_model () fail, with G_IO_ERROR_EXISTS when there is a
 * model of this name, with G_IO_ERROR_NO_SPACE before the first byte (library/install-space.h),
 * with GLOSS_ERROR_UNSUPPORTED when the source has no weights that Gloss reads,
 * and with G_IO_ERROR_NOT_FOUND when no tokenizer is to be had, which says why not and what to do.
 * Any thread, which waits.
 */
char *gloss_install_run (const GlossInstall *install, const GlossHttpOptions *options,
                         GCancellable *cancellable, GlossInstallFunc func, gpointer user_data,
                         GError **error);

/*
 * The same for the model @path on this machine, which stays as it is: an npz file, a folder of
 * Hugging Face's, or an archive of either. @source of @install is not used. The tokenizer is
 * @tokenizer_path, else the one beside the model, else from @tokenizer_sources; when there is none
 * of these it fails at once.
 */
char *gloss_install_import (const GlossInstall *install, const char *path,
                            GCancellable *cancellable, GlossInstallFunc func, gpointer user_data,
                            GError **error);

/*
 * Whether @path may be a model that gloss_install_import () copies: what is no archive must open as
 * weights. Any thread; it waits for the disk.
 */
gboolean gloss_install_can_import (const char *path, GError **error);

/* Whether the file @path is an archive with a model in it, by its content; an npz is none. Any
 * thread; it waits for the disk. */
gboolean gloss_install_is_archive (const char *path);

/* What the model @path is called when it is imported: "paligemma.npz" is "paligemma",
 * "model.tar.gz" is "model". Newly allocated. Any thread. */
char *gloss_install_make_name (const char *path);

/* The model that was installed in the folder @path; new, or NULL when there is none. Its place and
 * name are not set. Any thread; it waits for the disk. */
GlossFoundModel *gloss_install_look (const char *path);

/*
 * Removes @model, whose folder lies in @models_folder, the folder of its place, from the disk.
 * FALSE with G_IO_ERROR_PERMISSION_DENIED for a model elsewhere, which is not Gloss's to remove, or
 * G_IO_ERROR. Any thread.
 */
gboolean gloss_install_remove (const GlossFoundModel *model, const char *models_folder,
                               GError **error);

G_END_DECLS
