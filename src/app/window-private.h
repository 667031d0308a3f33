/* What the files of the window share; nobody else includes this. */
#pragma once

#include "app/caption-count.h"
#include "app/caption-pane.h"
#include "app/drop-area.h"
#include "app/empty-page.h"
#include "app/film-strip.h"
#include "app/jobs-button.h"
#include "app/keeper.h"
#include "app/model-button.h"
#include "app/picture-view.h"
#include "app/window.h"

G_BEGIN_DECLS

struct _GlossWindow
{
  AdwApplicationWindow parent_instance;

  GlossDropArea *drop_area;
  AdwToastOverlay *toasts;
  AdwWindowTitle *title;
  GtkWidget *header;
  GtkWidget *open_button;
  GtkMenuButton *open_menu_button;
  GtkWidget *film_strip_button;
  GlossJobsButton *jobs_button;
  GlossModelButton *model_button;
  GtkStack *stack;
  GlossEmptyPage *empty_page;
  GlossPictureView *view;
  GlossCaptionPane *pane;
  GtkRevealer *film_strip_revealer;
  GlossFilmStrip *film_strip;

  GlossEngine *engine;           /* owned reference */
  GlossEngineState engine_state; /* as it was last seen */
  GlossCaptioning *captioning;   /* owned */
  GlossKeeper *keeper;           /* owned; until the window closes */
  GListStore *pictures;          /* owned; GlossPicture */
  GHashTable *by_path;           /* owned; borrowed paths to borrowed pictures */
  GtkSingleSelection *selection; /* owned */
  GlossCaptionCount *count;      /* owned */
  GlossPicture *shown;           /* owned reference, or NULL */
  AdwToast *problem;             /* owned; the last, while it is shown; or NULL */
  char *offered;                 /* owned; the folder for which text files are offered, or NULL */
  GPtrArray *forgotten;          /* owned pictures, for an undo; or NULL */
  GCancellable *decoding;        /* owned; of the picture on its way to the screen, or NULL */
  gboolean is_narrow;            /* the header bar has room for the most important only */
  gboolean is_decoded;           /* what is shown */
  GCancellable *search;          /* owned; of the pictures that are looked for, or NULL */
  guint n_searches;              /* that go on */
  guint search_timer;            /* until the person is told of them, 0: not any more */
  AdwToast *searching;           /* owned; that toast, or NULL */
  guint64 wants_caption;         /* the key of the picture that is captioned as soon as it is
                                    decoded and turns out to have no caption; 0: none */
  gboolean wants_batch;          /* likewise all, as soon as it is known which have none */
  gboolean is_batch;             /* a batch went on when that was last looked at */
  guint inhibitor;               /* what keeps the machine awake meanwhile, 0: nothing */
};

/* window-toasts.c: a toast; and one with a button for @action. The last returns it, borrowed, and
 * lets it stand for @seconds, 0: until it is dismissed. */
void gloss_window_say (GlossWindow *window, const char *words);
void gloss_window_offer (GlossWindow *window, const char *words, const char *label,
                         const char *action);
AdwToast *gloss_window_show_toast (GlossWindow *window, const char *words, const char *label,
                                   const char *action, guint seconds);
void gloss_window_add_toasts (GlossWindow *window);

/* window-batch.c. */
void gloss_window_follow_batches (GlossWindow *window);
void gloss_window_let_sleep (GlossWindow *window);

/* Makes actions possible or not, as things are now. */
void gloss_window_update_actions (GlossWindow *window);

/* Shows the picture that is selected; and tries again to read it where that failed. */
void gloss_window_show_picture (GlossWindow *window);
void gloss_window_decode_picture (GlossWindow *window);

/* All pictures, GlossPicture; newly allocated. */
GPtrArray *gloss_window_list_pictures (GlossWindow *window);

/* window-open.c: how pictures come in. The second ends all searches for them. The third adds those
 * of @pictures that are not there yet, and returns where to look first. */
void gloss_window_add_ways_to_open (GlossWindow *window);
void gloss_window_drop_search (GlossWindow *window);
guint gloss_window_add_pictures (GlossWindow *window, GPtrArray *pictures);

/* window-actions.c: what can be done with them. What was forgotten can no longer be restored after
 * the second. */
void gloss_window_add_actions (GlossWindow *window);
void gloss_window_drop_forgotten (GlossWindow *window);

/* Whether the folder of the picture that is shown has text files, as the menu says it. */
void gloss_window_show_sidecars (GlossWindow *window);

/* Shows or hides what the model sees, as the action says. */
void gloss_window_show_model_view (GlossWindow *window);

G_END_DECLS
