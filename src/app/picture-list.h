/* From what a person gives (files, folders) to pictures in a list. */
#pragma once

#include "app/picture.h"

G_BEGIN_DECLS

/* A library of pictures; more in one list helps nobody. */
#define GLOSS_PICTURE_LIST_MAX 100000u

/* What became of it. */
typedef struct
{
  GPtrArray *pictures; /* owned GlossPicture, in order */
  char *problem;       /* owned sentence about what was left out, or NULL */
} GlossPictureList;

void gloss_picture_list_free (GlossPictureList *list);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossPictureList, gloss_picture_list_free)

/*
 * Finds the pictures that @files, a list of GFile, mean: each file itself, of each folder those in
 * it and in its folders, in natural order, each only once. Looking into folders waits for the disk
 * and so happens in a thread. Fails only when cancelled. From the main thread.
 */
void gloss_picture_list_find_async (GListModel *files, GCancellable *cancellable,
                                    GAsyncReadyCallback callback, gpointer user_data);
GlossPictureList *gloss_picture_list_find_finish (GAsyncResult *result, GError **error);

G_END_DECLS
