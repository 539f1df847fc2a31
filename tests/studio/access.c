// Who may talk to Studio: hosts, origins, tokens and cookies as browsers and attackers send them.
#include "hostapp/studio/access.h"

#include <string.h>

#include "check.h"

static struct lun_access make_access(void)
{
	struct lun_access access;
	lun_assert(lun_access_init(&access, 4000, "secret-1", NULL) == LUN_OK);
	return access;
}

static void random_tokens_are_long_and_differ(void)
{
	struct lun_access a, b;
	CHECK_EQ(lun_access_init(&a, 1, NULL, NULL), LUN_OK);
	CHECK_EQ(lun_access_init(&b, 1, NULL, NULL), LUN_OK);
	CHECK_EQ(strlen(a.token), 32);
	CHECK_EQ(strspn(a.token, "0123456789abcdef"), 32);
	CHECK(strcmp(a.token, b.token) != 0);
}

static void tokens_that_do_not_fit_in_an_address_are_refused(void)
{
	struct lun_access access;
	struct lun_error err;
	char longest[LUN_ACCESS_TOKEN_MAX + 2];
	memset(longest, 'a', sizeof longest);
	longest[LUN_ACCESS_TOKEN_MAX + 1] = 0;
	const char *const bad[] = {"", "a b", "a&b", "a;b", "a\nb", "\xc3\xa4", longest};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		CHECK_EQ(lun_access_init(&access, 1, bad[i], &err), LUN_INVALID);
		CHECK(strstr(err.message, "letters, digits"));
	}
	longest[LUN_ACCESS_TOKEN_MAX] = 0;
	CHECK_EQ(lun_access_init(&access, 1, longest, &err), LUN_OK);
	CHECK(lun_access_token_fits(&access, longest));
}

static void only_this_machine_s_names_are_hosts(void)
{
	struct lun_access access = make_access();
	CHECK(lun_access_host_fits(&access, "127.0.0.1:4000"));
	CHECK(lun_access_host_fits(&access, "localhost:4000"));
	CHECK(lun_access_host_fits(&access, "LocalHost:4000"));
	const char *const bad[] = {"", "127.0.0.1", "localhost", "127.0.0.1:4001", "127.0.0.1:40000",
	        "127.0.0.1:04000", "evil.example:4000", "localhost.evil.example:4000",
	        "evil.example#localhost:4000", "127.0.0.1:4000 ", "[::1]:4000", "0.0.0.0:4000"};
	CHECK(!lun_access_host_fits(&access, NULL));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		CHECK(!lun_access_host_fits(&access, bad[i]));
}

static void an_origin_is_ours_or_absent(void)
{
	struct lun_access access = make_access();
	CHECK(lun_access_origin_fits(&access, NULL));
	CHECK(lun_access_origin_fits(&access, "http://127.0.0.1:4000"));
	CHECK(lun_access_origin_fits(&access, "http://localhost:4000"));
	const char *const bad[] = {"", "null", "http://", "https://127.0.0.1:4000", "http://127.0.0.1",
	        "http://127.0.0.1:4000/", "http://evil.example", "127.0.0.1:4000",
	        "http://127.0.0.1:4000.evil.example"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		CHECK(!lun_access_origin_fits(&access, bad[i]));
}

static void a_token_fits_as_a_whole(void)
{
	struct lun_access access = make_access();
	CHECK(lun_access_token_fits(&access, "secret-1"));
	const char *const bad[] = {"", "s", "secret-", "secret-2", "Secret-1", "secret-1x",
	        "secret-1secret-1", " secret-1"};
	CHECK(!lun_access_token_fits(&access, NULL));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		CHECK(!lun_access_token_fits(&access, bad[i]));
}

static void the_cookie_is_found_among_others(void)
{
	struct lun_access access = make_access();
	CHECK(lun_access_cookie_fits(&access, "lunette_4000=secret-1"));
	CHECK(lun_access_cookie_fits(&access, "a=b; lunette_4000=secret-1"));
	CHECK(lun_access_cookie_fits(&access, "lunette_4000=old;lunette_4000=secret-1;;"));
	const char *const bad[] = {"", ";", "lunette_4000", "lunette_4000=", "lunette_4000=secret-",
	        "lunette_4001=secret-1", "xlunette_4000=secret-1", "lunette_40000=secret-1",
	        "a=lunette_4000=secret-1", "lunette_4000=secret-1x", "lunette_4000=\"secret-1\""};
	CHECK(!lun_access_cookie_fits(&access, NULL));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		CHECK(!lun_access_cookie_fits(&access, bad[i]));
}

static void what_set_cookie_says_comes_back_as_a_fitting_cookie(void)
{
	struct lun_access access = make_access();
	char *cookie = lun_access_cookie(&access);
	CHECK(strstr(cookie, "; HttpOnly"));
	CHECK(strstr(cookie, "; SameSite=Strict"));
	*strchr(cookie, ';') = 0;
	CHECK(lun_access_cookie_fits(&access, cookie));
	free(cookie);
}

TEST_MAIN(RUN(random_tokens_are_long_and_differ);
          RUN(tokens_that_do_not_fit_in_an_address_are_refused);
          RUN(only_this_machine_s_names_are_hosts); RUN(an_origin_is_ours_or_absent);
          RUN(a_token_fits_as_a_whole); RUN(the_cookie_is_found_among_others);
          RUN(what_set_cookie_says_comes_back_as_a_fitting_cookie);)
