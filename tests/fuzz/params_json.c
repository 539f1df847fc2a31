// libFuzzer: declarations and values of parameters, as JSON and as text, as they come from scenes,
// files and command lines. What is accepted once is accepted as it came out.
#include <stdlib.h>
#include <string.h>

#include "lunette/params.h"

// A value that passed must pass again, unchanged.
static void check_again(const json_t *declaration, json_t *value)
{
	json_t *again = NULL;
	if (lun_param_check(declaration, value, &again, NULL) != LUN_OK || !json_equal(value, again))
		abort();
	json_decref(again);
}

static void check_one(const json_t *declaration, const json_t *value, const char *text)
{
	struct lun_error err = {0};
	json_t *out = NULL;
	if (lun_param_check(declaration, value, &out, &err) == LUN_OK)
		check_again(declaration, out);
	else if (!err.message[0] || out)
		abort();
	json_decref(out);
	out = NULL;
	err.message[0] = '\0';
	if (lun_param_parse(declaration, text, &out, &err) == LUN_OK)
		check_again(declaration, out);
	else if (!err.message[0] || out)
		abort();
	json_decref(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

// DECLARATIONS 0 VALUES 0 TEXT
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char *all = lun_alloc(size + 3);
	if (size)
		memcpy(all, bytes, size);
	const char *values_text = all + strlen(all) + 1;
	if (values_text > all + size)
		values_text = all + size;
	const char *text = values_text + strlen(values_text);
	text += text < all + size;
	json_t *declarations = json_loads(all, JSON_DECODE_ANY, NULL);
	json_t *values = json_loads(values_text, JSON_DECODE_ANY, NULL);
	size_t i;
	json_t *declaration;
	json_array_foreach(declarations, i, declaration) check_one(
	        declaration, json_is_array(values) ? json_array_get(values, i) : values, text);
	json_t *start = lun_param_values(declarations, values);
	if (!json_is_object(start))
		abort();
	(void)lun_param_find(declarations, text);
	double rgba[4];
	(void)lun_color_parse(text, rgba);
	json_decref(start);
	json_decref(values);
	json_decref(declarations);
	free(all);
	return 0;
}
