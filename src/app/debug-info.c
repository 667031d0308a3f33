/* What a report of a fault needs to say about this machine. */
#include "app/debug-info.h"

#include "app/settings.h"
#include "base/memory.h"
#include "tensor/gemm.h"
#include "tensor/linear.h"

#include <adwaita.h>

char *
gloss_debug_info_make (GlossEngine *engine)
{
  static const char *const states[] = { "empty", "loading", "ready", "asleep", "failed" };
  const GlossModelSource *source = gloss_engine_get_source (engine);
  const char *message = gloss_engine_get_message (engine);
  g_autofree char *memory = g_format_size (gloss_memory_get_available_bytes ());
  g_autofree char *os = g_get_os_info (G_OS_INFO_KEY_PRETTY_NAME);
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "Gloss %s (%s)\n", GLOSS_VERSION, GLOSS_BUILD);
  g_string_append_printf (text, "System: %s\n", os ? os : "unknown");
  g_string_append_printf (text, "Flatpak: %s\n",
                          g_file_test ("/.flatpak-info", G_FILE_TEST_EXISTS) ? "yes" : "no");
  g_string_append_printf (text, "GTK %u.%u.%u, libadwaita %u.%u.%u, GLib %u.%u.%u\n",
                          gtk_get_major_version (), gtk_get_minor_version (),
                          gtk_get_micro_version (), adw_get_major_version (),
                          adw_get_minor_version (), adw_get_micro_version (), glib_major_version,
                          glib_minor_version, glib_micro_version);
  g_string_append_printf (text, "Kernels: %s, OpenBLAS: %s\n", gloss_linear_get_isa (),
                          gloss_gemm_get_core ());
  g_string_append_printf (text, "Processors: %u, threads: %u (0: one each)\n",
                          gloss_pool_count_cpus (),
                          g_settings_get_uint (gloss_settings_get (), "threads"));
  g_string_append_printf (text, "Memory available: %s\n", memory);
  g_string_append_printf (text, "Model: %s, %s, input %u px%s%s\n", source ? source->name : "none",
                          states[gloss_engine_get_state (engine)],
                          gloss_engine_get_image_size_px (engine), message ? "\n  " : "",
                          message ? message : "");
  return g_string_free (text, FALSE);
}
