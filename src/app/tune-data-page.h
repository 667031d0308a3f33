/* The first page of fine-tuning: what is to be learnt from. */
#pragma once

#include "dataset/pairs.h"
#include "library/model-source.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GLOSS_TYPE_TUNE_DATA_PAGE (gloss_tune_data_page_get_type ())
G_DECLARE_FINAL_TYPE (GlossTuneDataPage, gloss_tune_data_page, GLOSS, TUNE_DATA_PAGE, GtkWidget)

/*
 * Signals: "changed" when the pairs are others, or none; "caption-first" (GListModel of GFile) when
 * the person wants pictures without caption captioned. Reading goes on in threads, which end when
 * the page goes. Main thread only, as all of these.
 */
GtkWidget *gloss_tune_data_page_new (void);

/* Whose tokenizer counts for lengths; NULL: none yet. Not kept. */
void gloss_tune_data_page_set_model (GlossTuneDataPage *page, const GlossModelSource *model);

/* Reads @path and shows what is there; NULL: the captions that were edited in Gloss. */
void gloss_tune_data_page_choose (GlossTuneDataPage *page, const char *path);

/* As read and split; NULL while there is nothing to learn from. Borrowed, until "changed". */
const GlossPairs *gloss_tune_data_page_get_pairs (GlossTuneDataPage *page);

/* Borrowed likewise; NULL: edited captions, or nothing is chosen. */
const char *gloss_tune_data_page_get_path (GlossTuneDataPage *page);

/* "longcap100", "Edited captions"; newly allocated. */
char *gloss_tune_data_page_make_title (GlossTuneDataPage *page);

/* 0 … 0.5, and the seed with which gloss_pairs_split () makes the same of it. */
double gloss_tune_data_page_get_validation_share (GlossTuneDataPage *page);
guint64 gloss_tune_data_page_get_seed (GlossTuneDataPage *page);

G_END_DECLS
