// The list of outputs that this build has.
#include "extension/file/file.h"
#include "extension/hash/hash.h"
#include "extension/null/null.h"
#include "extension/output.h"

#ifdef LUN_HAVE_PIPEWIRE
extern const struct lun_output_class lun_pipewire_output;
#endif

const struct lun_output_class *const lun_output_classes[] = {
#ifdef LUN_HAVE_PIPEWIRE
        &lun_pipewire_output,
#endif
        &lun_file_output,
        &lun_hash_output,
        &lun_null_output,
        NULL,
};
