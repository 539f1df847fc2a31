// Decides who may talk to Studio: the token, the cookie that stands for it, Host and Origin. It
// sees header values only; reading them from a request and refusing are http.c's.
#include "access.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

#define TOKEN_BYTES 16
#define TOKEN_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

static enum lun_result make_token(char *out_token, struct lun_error *err)
{
	uint8_t random[TOKEN_BYTES];
	if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
		return lun_fail(err, LUN_IO, "no random numbers for Studio's token: %s", strerror(errno));
	for (size_t i = 0; i < sizeof random; i++)
		(void)snprintf(out_token + 2 * i, 3, "%02x", random[i]);
	return LUN_OK;
}

enum lun_result lun_access_init(
        struct lun_access *access, int port, const char *token, struct lun_error *err)
{
	access->port = port;
	if (!token)
		return make_token(access->token, err);
	size_t length = strlen(token);
	if (length < 1 || length > LUN_ACCESS_TOKEN_MAX || strspn(token, TOKEN_CHARACTERS) != length)
		return lun_fail(err, LUN_INVALID,
		        "Studio's token wants 1 to %d letters, digits, - or _, nothing else",
		        LUN_ACCESS_TOKEN_MAX);
	memcpy(access->token, token, length + 1);
	return LUN_OK;
}

static bool is_authority(const struct lun_access *access, const char *text)
{
	char want[32];
	(void)snprintf(want, sizeof want, "127.0.0.1:%d", access->port);
	if (!strcmp(text, want))
		return true;
	(void)snprintf(want, sizeof want, "localhost:%d", access->port);
	return !strcasecmp(text, want);
}

bool lun_access_host_fits(const struct lun_access *access, const char *host)
{
	return host && is_authority(access, host);
}

bool lun_access_origin_fits(const struct lun_access *access, const char *origin)
{
	static const char scheme[] = "http://";
	if (!origin)
		return true;
	return !strncmp(origin, scheme, sizeof scheme - 1) &&
	       is_authority(access, origin + sizeof scheme - 1);
}

// Takes as long for a wrong guess as for a right one: time depends on the guess's length alone.
static bool is_token(const struct lun_access *access, const char *guess, size_t length)
{
	size_t want_length = strlen(access->token);
	unsigned difference = (unsigned)(length != want_length);
	for (size_t i = 0; i < length; i++)
		difference |= (unsigned)(guess[i] ^ access->token[i % want_length]);
	return difference == 0;
}

bool lun_access_token_fits(const struct lun_access *access, const char *token)
{
	return token && is_token(access, token, strlen(token));
}

// Cookies know no ports, so the name carries it: two cameras' pages must not sign each other out.
static void print_cookie_name(const struct lun_access *access, char out_name[32])
{
	(void)snprintf(out_name, 32, "lunette_%d", access->port);
}

bool lun_access_cookie_fits(const struct lun_access *access, const char *cookies)
{
	char name[32];
	print_cookie_name(access, name);
	size_t name_length = strlen(name);
	bool fits = false;
	while (cookies && *cookies) {
		cookies += strspn(cookies, "; ");
		size_t length = strcspn(cookies, ";");
		if (length > name_length && !memcmp(cookies, name, name_length) &&
		        cookies[name_length] == '=')
			fits |= is_token(access, cookies + name_length + 1, length - name_length - 1);
		cookies += length;
	}
	return fits;
}

char *lun_access_cookie(const struct lun_access *access)
{
	char name[32];
	print_cookie_name(access, name);
	return lun_format_string("%s=%s; Path=/; HttpOnly; SameSite=Strict", name, access->token);
}
