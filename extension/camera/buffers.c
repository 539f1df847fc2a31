// Frame buffers and who has them. The renderer may scribble over any of them at any time: what is
// read from them is pixels and nothing else.
#include "extension/camera/buffers.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int make_memory(size_t size_bytes)
{
	int fd = memfd_create("lunette-frame", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return -1;
	if (ftruncate(fd, (off_t)size_bytes) == 0 &&
	        fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

static bool init_buffer(struct lun_camera_buffer *buffer, size_t size_bytes)
{
	buffer->fd = make_memory(size_bytes);
	if (buffer->fd < 0)
		return false;
	void *data = mmap(NULL, size_bytes, PROT_READ, MAP_SHARED, buffer->fd, 0);
	buffer->data = data == MAP_FAILED ? NULL : data;
	return buffer->data;
}

enum lun_result lun_camera_buffers_init(
        struct lun_camera_buffers *buffers, const struct lun_format *format, struct lun_error *err)
{
	*buffers =
	        (struct lun_camera_buffers){.format = *format, .drawing = -1, .ready = -1, .shown = -1};
	lun_format_layout(format, &buffers->layout);
	for (int i = 0; i < LUN_CAMERA_BUFFERS; i++)
		buffers->all[i].fd = -1;
	for (int i = 0; i < LUN_CAMERA_BUFFERS; i++) {
		if (!init_buffer(&buffers->all[i], buffers->layout.size_bytes)) {
			int why = errno;
			lun_camera_buffers_finish(buffers);
			return lun_fail(err, LUN_IO, "cannot make frame buffers: %s", strerror(why));
		}
	}
	return LUN_OK;
}

void lun_camera_buffers_finish(struct lun_camera_buffers *buffers)
{
	for (int i = 0; i < LUN_CAMERA_BUFFERS; i++) {
		struct lun_camera_buffer *buffer = &buffers->all[i];
		if (buffer->data)
			(void)munmap((void *)buffer->data, buffers->layout.size_bytes);
		if (buffer->fd >= 0)
			(void)close(buffer->fd);
		*buffer = (struct lun_camera_buffer){.fd = -1};
	}
	buffers->drawing = buffers->ready = buffers->shown = -1;
}

void lun_camera_buffers_reset(struct lun_camera_buffers *buffers)
{
	buffers->drawing = buffers->ready = -1;
}

bool lun_camera_buffers_is_drawing(const struct lun_camera_buffers *buffers)
{
	return buffers->drawing >= 0;
}

int lun_camera_buffers_draw(struct lun_camera_buffers *buffers)
{
	if (buffers->drawing >= 0)
		return -1;
	for (int i = 0; i < LUN_CAMERA_BUFFERS; i++) {
		if (i != buffers->ready && i != buffers->shown && buffers->all[i].data) {
			buffers->drawing = i;
			return i;
		}
	}
	return -1;
}

void lun_camera_buffers_drawn(
        struct lun_camera_buffers *buffers, int place, uint64_t number, uint64_t picture)
{
	if (place != buffers->drawing || place < 0)
		return; // of another format, or a renderer that counts wrong
	buffers->all[place].number = number;
	buffers->all[place].picture = picture;
	buffers->ready = place;
	buffers->drawing = -1;
}

const struct lun_camera_buffer *lun_camera_buffers_show(struct lun_camera_buffers *buffers)
{
	if (buffers->ready < 0)
		return NULL;
	buffers->shown = buffers->ready;
	buffers->ready = -1;
	return &buffers->all[buffers->shown];
}

const struct lun_camera_buffer *lun_camera_buffers_shown(const struct lun_camera_buffers *buffers)
{
	return buffers->shown < 0 ? NULL : &buffers->all[buffers->shown];
}

int lun_camera_buffers_copy(const struct lun_camera_buffers *buffers)
{
	const struct lun_camera_buffer *shown = lun_camera_buffers_shown(buffers);
	if (!shown)
		return -1;
	int fd = memfd_create("lunette-picture", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	size_t done = 0;
	while (fd >= 0 && done < buffers->layout.size_bytes) {
		ssize_t wrote = write(fd, shown->data + done, buffers->layout.size_bytes - done);
		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote <= 0)
			break;
		done += (size_t)wrote;
	}
	if (fd >= 0 && done == buffers->layout.size_bytes &&
	        fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_WRITE | F_SEAL_SEAL) == 0)
		return fd;
	if (fd >= 0)
		(void)close(fd);
	return -1;
}
