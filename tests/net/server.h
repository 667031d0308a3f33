/* A web server in a thread of its own, with a certificate made for the test, that can misbehave. */
#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

typedef struct _Server Server;

/* Answers one request, in the thread of the server. */
typedef void (*ServerFunc) (Server *server, SoupServerMessage *message, const char *path,
                            gpointer user_data);

/* With TLS, or plain HTTP. */
Server *server_new (gboolean has_tls, ServerFunc func, gpointer user_data);
void server_free (Server *server);

/* "https://localhost:PORT" for @host "localhost"; borrowed from the server for localhost and
 * 127.0.0.1. */
const char *server_get_base (Server *server);
const char *server_get_other_base (Server *server);

/* The only certificate that a client of this server should trust; borrowed. */
GTlsDatabase *server_get_trust (Server *server);

/* The same as a PEM file, for another process; newly allocated. */
char *server_get_certificate_path (Server *server);

/* What came so far, a line for each request: "METHOD HOST PATH Range If-Range Authorization", "-"
 * for what is missing; newly allocated. server_forget () empties it. */
char *server_get_log (Server *server);
guint server_count_requests (Server *server);
void server_forget (Server *server);

/* Answers with the part of @data that is asked for, as a good server does; @etag may be NULL. */
void server_send_file (SoupServerMessage *message, GBytes *data, const char *etag);

/* The first byte that is asked for, 0 when it is all; heeds If-Range. */
gsize server_get_start (SoupServerMessage *message, const char *etag);

void server_send_text (SoupServerMessage *message, guint status, const char *text);
void server_redirect (SoupServerMessage *message, const char *location);

/* Sends just these bytes and closes the connection. */
void server_send_raw (Server *server, SoupServerMessage *message, const char *head,
                      const guint8 *data, gsize n_bytes);

/* The same, but the connection stays open and silent. */
void server_send_and_stall (Server *server, SoupServerMessage *message, const char *head,
                            const guint8 *data, gsize n_bytes);

/* @n_bytes that are the same for the same @seed. */
GBytes *server_make_data (gsize n_bytes, guint64 seed);

G_END_DECLS
