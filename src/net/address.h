/* Addresses that Gloss may go to: https anywhere, http only on this machine. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * @text as an address. NULL with G_IO_ERROR_INVALID_ARGUMENT, in a sentence without the address,
 * which may hold a secret: no http or https, http to another machine, no host, a user name or
 * password in it, or longer than 8 KiB. A new reference. Any thread, as for all of these.
 */
GUri *gloss_address_parse (const char *text, GError **error);

/* Where a redirect from @from leads: @location may be relative. Fails as above, and with
 * G_IO_ERROR_PERMISSION_DENIED from https to http. */
GUri *gloss_address_resolve (GUri *from, const char *location, GError **error);

/* TRUE for localhost, 127.0.0.0/8 and ::1. */
gboolean gloss_address_is_loopback (GUri *address);

/* Same scheme, host and port: whether what is secret to one may be told to the other. */
gboolean gloss_address_is_same_origin (GUri *a, GUri *b);

/* The host, with the port where it is not the usual one; for messages. Newly allocated. */
char *gloss_address_get_host (GUri *address);

G_END_DECLS
