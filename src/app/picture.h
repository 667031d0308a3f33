/* A picture that the window knows: its file, its words, and how far it is. */
#pragma once

#include "library/caption-record.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  GLOSS_PICTURE_WAITING, /* nothing was said about it yet */
  GLOSS_PICTURE_WORKING, /* its caption is being made */
  GLOSS_PICTURE_DONE,    /* it has a caption */
  GLOSS_PICTURE_EDITED,  /* it has one that the person wrote or changed */
  GLOSS_PICTURE_FAILED,  /* it cannot be read, or captioning it failed: see the reason */
} GlossPictureState;

#define GLOSS_TYPE_PICTURE (gloss_picture_get_type ())
G_DECLARE_FINAL_TYPE (GlossPicture, gloss_picture, GLOSS, PICTURE, GObject)

/*
 * Properties, all readable and with notify: "name" (string), "state" (int, GlossPictureState),
 * "caption" (string, never NULL), "reason" (string or NULL). Signal "history-changed". From the
 * main thread only.
 */
GlossPicture *gloss_picture_new (const char *path);

/* The path, absolute, as the file system has it; and its name for people. Borrowed. */
const char *gloss_picture_get_path (GlossPicture *picture);
const char *gloss_picture_get_name (GlossPicture *picture);

GlossPictureState gloss_picture_get_state (GlossPicture *picture);

/* WORKING while a job goes on; afterwards what its caption makes it, or FAILED with @reason (a
 * sentence). */
void gloss_picture_begin_work (GlossPicture *picture);
void gloss_picture_end_work (GlossPicture *picture, const char *reason);

/* Why it is FAILED, a sentence; NULL otherwise. Borrowed. */
const char *gloss_picture_get_reason (GlossPicture *picture);

/* What is said about it now, raw ("" when nothing is): with the codes of boxes. Borrowed. */
const char *gloss_picture_get_caption (GlossPicture *picture);

/* How it was made; NULL when there is none. Borrowed. */
const GlossCaptionRecord *gloss_picture_get_record (GlossPicture *picture);

/* What was said before, GlossCaptionRecord, the newest first. Borrowed. */
const GPtrArray *gloss_picture_get_history (GlossPicture *picture);

/* What is kept about the picture is this: takes both, and @record may be NULL. */
void gloss_picture_set_records (GlossPicture *picture, GlossCaptionRecord *record,
                                GPtrArray *history);

/* Whether what is kept about it is known by now: until then it may have a caption already. */
gboolean gloss_picture_is_loaded (GlossPicture *picture);
void gloss_picture_set_loaded (GlossPicture *picture);

/* Grows with each change of the caption that does not come from what is kept. */
guint gloss_picture_get_revision (GlossPicture *picture);

/* @record, which is taken, becomes the caption and what was it goes to the history. A text that is
 * there already is not added twice: as gloss_caption_store_set () does it. */
void gloss_picture_add_record (GlossPicture *picture, GlossCaptionRecord *record);

/* The person has changed the caption to @text: as gloss_caption_store_edit () does it. */
void gloss_picture_edit (GlossPicture *picture, const char *text);

void gloss_picture_clear_history (GlossPicture *picture);

/* A number of this picture that no other has in this process, never 0. */
guint64 gloss_picture_get_key (GlossPicture *picture);

/* Another number for each caption that is drawn, at least @lowest. */
guint gloss_picture_get_next_seed (GlossPicture *picture, guint lowest);

/* A word for the state, for screen readers and tooltips: "edited". Translated. */
const char *gloss_picture_state_get_words (GlossPictureState state);

G_END_DECLS
