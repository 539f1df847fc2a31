// The list of outputs that this build has.
#include "extension/output.h"

const struct lun_output_class *const lun_output_classes[] = {NULL};
