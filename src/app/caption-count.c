/* How many of the pictures in a list have a caption. */
#include "app/caption-count.h"

#include "app/picture.h"

struct _GlossCaptionCount
{
  GObject parent_instance;

  GListModel *pictures;  /* owned reference */
  GPtrArray *followed;   /* owned references: the list as it was last seen */
  GHashTable *captioned; /* owned set; borrowed pictures */
};

enum
{
  CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GlossCaptionCount, gloss_caption_count, G_TYPE_OBJECT)

/* TRUE when that changed the count. */
static gboolean
look_at (GlossCaptionCount *count, GlossPicture *picture)
{
  return *gloss_picture_get_caption (picture) != '\0'
             ? g_hash_table_add (count->captioned, picture)
             : g_hash_table_remove (count->captioned, picture);
}

static void
caption_changed (GlossPicture *picture, GParamSpec *pspec, GlossCaptionCount *count)
{
  if (look_at (count, picture))
    g_signal_emit (count, signals[CHANGED], 0);
}

static void
leave (GlossCaptionCount *count, guint position, guint n)
{
  for (guint i = position; i < position + n; i++)
    {
      GlossPicture *picture = g_ptr_array_index (count->followed, i);

      g_signal_handlers_disconnect_by_func (picture, caption_changed, count);
      g_hash_table_remove (count->captioned, picture);
    }
  if (n > 0)
    g_ptr_array_remove_range (count->followed, position, n);
}

static void
follow (GlossCaptionCount *count, guint position, guint n)
{
  for (guint i = position; i < position + n; i++)
    {
      GlossPicture *picture = g_list_model_get_item (count->pictures, i);

      g_signal_connect (picture, "notify::caption", G_CALLBACK (caption_changed), count);
      look_at (count, picture);
      g_ptr_array_insert (count->followed, (int) i, picture);
    }
}

static void
items_changed (GListModel *pictures, guint position, guint n_removed, guint n_added,
               GlossCaptionCount *count)
{
  leave (count, position, n_removed);
  follow (count, position, n_added);
  g_signal_emit (count, signals[CHANGED], 0);
}

static void
gloss_caption_count_dispose (GObject *object)
{
  GlossCaptionCount *count = GLOSS_CAPTION_COUNT (object);

  leave (count, 0, count->followed->len);
  if (count->pictures)
    g_signal_handlers_disconnect_by_data (count->pictures, count);
  g_clear_object (&count->pictures);
  G_OBJECT_CLASS (gloss_caption_count_parent_class)->dispose (object);
}

static void
gloss_caption_count_finalize (GObject *object)
{
  GlossCaptionCount *count = GLOSS_CAPTION_COUNT (object);

  g_ptr_array_unref (count->followed);
  g_hash_table_unref (count->captioned);
  G_OBJECT_CLASS (gloss_caption_count_parent_class)->finalize (object);
}

static void
gloss_caption_count_class_init (GlossCaptionCountClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = gloss_caption_count_dispose;
  object_class->finalize = gloss_caption_count_finalize;
  signals[CHANGED] = g_signal_new ("changed", GLOSS_TYPE_CAPTION_COUNT, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
gloss_caption_count_init (GlossCaptionCount *count)
{
  count->followed = g_ptr_array_new_with_free_func (g_object_unref);
  count->captioned = g_hash_table_new (NULL, NULL);
}

GlossCaptionCount *
gloss_caption_count_new (GListModel *pictures)
{
  GlossCaptionCount *count = g_object_new (GLOSS_TYPE_CAPTION_COUNT, NULL);

  count->pictures = g_object_ref (pictures);
  g_signal_connect (pictures, "items-changed", G_CALLBACK (items_changed), count);
  follow (count, 0, g_list_model_get_n_items (pictures));
  return count;
}

guint
gloss_caption_count_get_n_captioned (GlossCaptionCount *count)
{
  return g_hash_table_size (count->captioned);
}

guint
gloss_caption_count_get_n_pictures (GlossCaptionCount *count)
{
  return count->followed->len;
}
