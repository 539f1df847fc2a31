/**
 * Who may talk to Studio: whoever knows the token, from a page that Studio itself served.
 *
 * Other users of the machine reach 127.0.0.1 too, and so does every web page through its visitor's
 * browser. The token keeps out the first; the checks of Host (against DNS rebinding) and Origin
 * (against requests from other sites) keep out the second. Thread: any; a value after init.
 */
#pragma once

#include "lunette/base.h"

#define LUN_ACCESS_TOKEN_MAX 128

struct lun_access {
	int port;
	char token[LUN_ACCESS_TOKEN_MAX + 1];
};

/**
 * @param token  letters, digits, - and _; NULL: 128 random bits
 * @return LUN_OK; LUN_INVALID for a token that does not fit in an address; LUN_IO
 */
enum lun_result lun_access_init(
        struct lun_access *access, int port, const char *token, struct lun_error *err);

/** host: the value of the header, NULL if there was none (refused). */
bool lun_access_host_fits(const struct lun_access *access, const char *host);
/** origin: NULL if there was none (fine: not a request of a page's script) */
bool lun_access_origin_fits(const struct lun_access *access, const char *origin);
bool lun_access_token_fits(const struct lun_access *access, const char *token);
/** cookies: the value of the Cookie header, or NULL */
bool lun_access_cookie_fits(const struct lun_access *access, const char *cookies);

/** The value of a Set-Cookie header. The caller frees it. */
char *lun_access_cookie(const struct lun_access *access);
