// Serves the few files of the page, with headers that let it do what it needs and nothing else.
// Who may have them access.c decides; WebSockets are server.c's and page.c's.
#include "http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADER_MAX 8192 // other programs on 127.0.0.1 leave cookies too; longer is refused
#define HEAD_BYTES 4096
#define SENTENCE_MAX 512

// @return NULL when it is not there; out_text's content is cut to "" when it is too long
static const char *read_header(struct lws *wsi, enum lws_token_indexes header, char *out_text)
{
	if (lws_hdr_total_length(wsi, header) <= 0)
		return NULL;
	if (lws_hdr_copy(wsi, out_text, HEADER_MAX, header) < 0)
		out_text[0] = 0;
	return out_text;
}

static const char *read_token(struct lws *wsi, char *out_text)
{
	return lws_get_urlarg_by_name(wsi, "token=", out_text, HEADER_MAX);
}

static bool has_key(const struct lun_access *access, struct lws *wsi)
{
	char cookies[HEADER_MAX], token[HEADER_MAX];
	return lun_access_cookie_fits(access, read_header(wsi, WSI_TOKEN_HTTP_COOKIE, cookies)) ||
	       lun_access_token_fits(access, read_token(wsi, token));
}

bool lun_http_is_allowed(const struct lun_access *access, struct lws *wsi)
{
	char host[HEADER_MAX], origin[HEADER_MAX];
	return lun_access_host_fits(access, read_header(wsi, WSI_TOKEN_HOST, host)) &&
	       lun_access_origin_fits(access, read_header(wsi, WSI_TOKEN_ORIGIN, origin)) &&
	       has_key(access, wsi);
}

struct head {
	unsigned char buffer[LWS_PRE + HEAD_BYTES];
	unsigned char *at, *end;
	bool is_whole;
};

static void start_head(
        struct head *head, struct lws *wsi, unsigned status, const char *type, size_t body_bytes)
{
	head->at = head->buffer + LWS_PRE;
	head->end = head->buffer + sizeof head->buffer - 1;
	head->is_whole = !lws_add_http_common_headers(
	        wsi, status, type, (lws_filepos_t)body_bytes, &head->at, head->end);
}

static void add_header(struct head *head, struct lws *wsi, const char *name, const char *value)
{
	if (lws_add_http_header_by_name(wsi, (const unsigned char *)name, (const unsigned char *)value,
	            (int)strlen(value), &head->at, head->end))
		head->is_whole = false;
}

static bool finish_head(struct head *head, struct lws *wsi)
{
	return head->is_whole &&
	       !lws_finalize_write_http_header(wsi, head->buffer + LWS_PRE, &head->at, head->end);
}

static void add_common_headers(struct head *head, struct lws *wsi)
{
	add_header(head, wsi, "cache-control:", "no-store");
	add_header(head, wsi, "x-content-type-options:", "nosniff");
	add_header(head, wsi, "x-frame-options:", "DENY");
	add_header(head, wsi, "referrer-policy:", "no-referrer");
	add_header(head, wsi, "cross-origin-opener-policy:", "same-origin");
	add_header(head, wsi, "cross-origin-resource-policy:", "same-origin");
}

static void add_page_headers(struct head *head, struct lws *wsi, const struct lun_access *access)
{
	char *policy = lun_format_string(
	        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
	        "connect-src ws://127.0.0.1:%d ws://localhost:%d; base-uri 'none'; "
	        "form-action 'none'; frame-ancestors 'none'",
	        access->port, access->port);
	add_header(head, wsi, "content-security-policy:", policy);
	free(policy);
	char token[HEADER_MAX];
	if (!lun_access_token_fits(access, read_token(wsi, token)))
		return;
	char *cookie = lun_access_cookie(access);
	add_header(head, wsi, "set-cookie:", cookie);
	free(cookie);
}

void lun_http_refuse(struct lws *wsi, unsigned status, const char *sentence)
{
	struct head head;
	size_t size_bytes = strlen(sentence);
	start_head(&head, wsi, status, "text/plain; charset=utf-8", size_bytes);
	add_common_headers(&head, wsi);
	add_header(&head, wsi, "connection:", "close");
	if (!finish_head(&head, wsi))
		return;
	unsigned char body[LWS_PRE + SENTENCE_MAX];
	lun_assert(size_bytes <= SENTENCE_MAX);
	memcpy(body + LWS_PRE, sentence, size_bytes);
	(void)lws_write(wsi, body + LWS_PRE, size_bytes, LWS_WRITE_HTTP_FINAL);
}

static const struct lun_asset *find_asset(const char *path)
{
	const struct lun_asset *asset = lun_assets;
	while (asset->path && strcmp(asset->path, path))
		asset++;
	return asset->path ? asset : NULL;
}

int lun_http_answer(const struct lun_access *access, struct lws *wsi, const char *path,
        const struct lun_asset **out_asset)
{
	*out_asset = NULL;
	const struct lun_asset *asset = find_asset(path);
	if (!lun_http_is_allowed(access, wsi))
		lun_http_refuse(wsi, HTTP_STATUS_FORBIDDEN, LUN_HTTP_FORBIDDEN);
	else if (lws_hdr_total_length(wsi, WSI_TOKEN_GET_URI) <= 0)
		lun_http_refuse(wsi, HTTP_STATUS_METHOD_NOT_ALLOWED, "Studio answers GET alone.\n");
	else if (!asset)
		lun_http_refuse(wsi, HTTP_STATUS_NOT_FOUND, "Studio has no such page.\n");
	else
		*out_asset = asset;
	if (!*out_asset)
		return -1; // close once what was written has gone

	struct head head;
	start_head(&head, wsi, HTTP_STATUS_OK, asset->type, asset->size_bytes);
	add_common_headers(&head, wsi);
	add_page_headers(&head, wsi, access);
	if (!finish_head(&head, wsi))
		return -1;
	(void)lws_callback_on_writable(wsi);
	return 0;
}

int lun_http_write(struct lws *wsi, const struct lun_asset *asset)
{
	unsigned char *body = lun_alloc(LWS_PRE + asset->size_bytes);
	memcpy(body + LWS_PRE, asset->bytes, asset->size_bytes);
	int written = lws_write(wsi, body + LWS_PRE, asset->size_bytes, LWS_WRITE_HTTP_FINAL);
	free(body);
	if (written < 0 || lws_http_transaction_completed(wsi))
		return -1;
	return 0;
}
