// lunette-camera: the program that the OS sees as the camera; also the renderer's program.
#include <string.h>

#include "extension/isolate/program.h"

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--renderer") == 0)
		return lun_renderer_main(LUN_RENDERER_FD);
	return 2;
}
