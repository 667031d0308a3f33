/* Addresses that Gloss may go to. */
#include "net/address.h"

#include "base/i18n.h"

#include <libsoup/soup.h>
#include <string.h>

#define MAX_ADDRESS_BYTES 8192

gboolean
gloss_address_is_loopback (GUri *address)
{
  const char *host = g_uri_get_host (address);
  g_autoptr (GInetAddress) number = NULL;

  if (!host)
    return FALSE;
  /* GLib itself resolves this name, and always to this machine. */
  if (g_ascii_strcasecmp (host, "localhost") == 0)
    return TRUE;
  number = g_inet_address_new_from_string (host);
  return number && g_inet_address_get_is_loopback (number);
}

static gboolean
refuse (GError **error, const char *sentence)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, sentence);
  return FALSE;
}

static gboolean
check (GUri *address, GError **error)
{
  const char *host = g_uri_get_host (address);
  const char *scheme = g_uri_get_scheme (address);

  if (g_strcmp0 (scheme, "https") != 0 && g_strcmp0 (scheme, "http") != 0)
    return refuse (error, _ ("the address does not begin with https://"));
  if (!host || !*host)
    return refuse (error, _ ("the address names no server"));
  if (g_uri_get_userinfo (address))
    return refuse (error,
                   _ ("the address holds a user name or password, which would be seen on the "
                      "way; leave it out"));
  if (strcmp (scheme, "http") == 0 && !gloss_address_is_loopback (address))
    return refuse (error, _ ("the address begins with http://, which anybody on the way could read "
                             "and change; use https://"));
  return TRUE;
}

static GUri *
parse (GUri *base, const char *text, GError **error)
{
  g_autoptr (GUri) address = NULL;

  if (strlen (text) > MAX_ADDRESS_BYTES)
    {
      refuse (error, _ ("the address is longer than 8 KiB"));
      return NULL;
    }
  address = base ? g_uri_parse_relative (base, text, SOUP_HTTP_URI_FLAGS, NULL)
                 : g_uri_parse (text, SOUP_HTTP_URI_FLAGS, NULL);
  if (!address)
    {
      refuse (error, _ ("this is no address; one begins with https://"));
      return NULL;
    }
  return check (address, error) ? g_steal_pointer (&address) : NULL;
}

GUri *
gloss_address_parse (const char *text, GError **error)
{
  return parse (NULL, text, error);
}

GUri *
gloss_address_resolve (GUri *from, const char *location, GError **error)
{
  g_autoptr (GUri) to = parse (from, location, error);

  if (to && strcmp (g_uri_get_scheme (from), "https") == 0
      && strcmp (g_uri_get_scheme (to), "https") != 0)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                           _ ("the server leads from https to http, where nothing is safe"));
      return NULL;
    }
  return g_steal_pointer (&to);
}

static int
get_usual_port (GUri *address)
{
  return strcmp (g_uri_get_scheme (address), "https") == 0 ? 443 : 80;
}

static int
get_port (GUri *address)
{
  int port = g_uri_get_port (address);

  return port > 0 ? port : get_usual_port (address);
}

gboolean
gloss_address_is_same_origin (GUri *a, GUri *b)
{
  return strcmp (g_uri_get_scheme (a), g_uri_get_scheme (b)) == 0
         && g_ascii_strcasecmp (g_uri_get_host (a), g_uri_get_host (b)) == 0
         && get_port (a) == get_port (b);
}

char *
gloss_address_get_host (GUri *address)
{
  int port = g_uri_get_port (address);
  g_autofree char *host = g_utf8_make_valid (g_uri_get_host (address), -1);

  return port > 0 && port != get_usual_port (address) ? g_strdup_printf ("%s:%d", host, port)
                                                      : g_steal_pointer (&host);
}
