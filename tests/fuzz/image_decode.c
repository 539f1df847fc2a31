// libFuzzer: any bytes through the image loader, by way of a file as it comes from a scene.
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "media/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	int fd = memfd_create("image", MFD_CLOEXEC);
	if (fd < 0 || write(fd, bytes, size) != (ssize_t)size)
		abort();
	struct lun_image *image = NULL;
	struct lun_error err = {0};
	enum lun_result rc = lun_image_decode(fd, "image", &image, &err);
	if ((rc == LUN_OK) != (image != NULL) || (rc != LUN_OK && !err.message[0]))
		abort();
	lun_image_unref(image);
	(void)close(fd);
	return 0;
}
