/* What the keeper's thread is asked to do, and how it does that. */
#pragma once

#include "app/picture.h"
#include "library/kept-captions.h"

G_BEGIN_DECLS

typedef enum
{
  GLOSS_KEEPER_LOAD,
  GLOSS_KEEPER_SET,
  GLOSS_KEEPER_EDIT,
  GLOSS_KEEPER_FORGET,
  GLOSS_KEEPER_RESTORE,
  GLOSS_KEEPER_CLEAR_HISTORY,
  GLOSS_KEEPER_SET_SIDECARS,
  GLOSS_KEEPER_TELL, /* nothing but a problem */
  GLOSS_KEEPER_END,
} GlossKeeperTaskKind;

typedef struct
{
  GlossKeeperTaskKind kind;
  GObject *keeper;            /* owned reference; whoever asks */
  GPtrArray *pictures;        /* owned GlossPicture; for the main thread */
  GArray *revisions;          /* owned guint; those of the pictures when the task was made */
  GPtrArray *paths;           /* owned; those of the pictures, NULL-terminated */
  GlossCaptionRecord *record; /* owned; to set */
  char *text;                 /* owned; to edit */
  gboolean has_sidecars;

  /* what came of it */
  GArray *kept;           /* owned GlossKeptCaption, one for each picture */
  gboolean *folders_have; /* owned; for each picture whether its folder has text files */
  char *problem;          /* owned sentence, or NULL */
  gboolean must_reload;
} GlossKeeperTask;

/*
 * A snapshot of what concerns the @n @pictures, for @keeper. Both from the main thread only, since
 * they hold pictures.
 */
GlossKeeperTask *gloss_keeper_task_new (GObject *keeper, GlossKeeperTaskKind kind,
                                        GlossPicture *const *pictures, guint n);
void gloss_keeper_task_free (GlossKeeperTask *task);

/*
 * Does it, in any one thread, with what that thread owns: @captions, and in *@forgotten what was
 * forgotten last, for an undo. What came of it, problems too, is in the task.
 */
void gloss_keeper_task_run (GlossKeeperTask *task, GlossKeptCaptions *captions,
                            GlossForgottenCaptions **forgotten);

G_END_DECLS
