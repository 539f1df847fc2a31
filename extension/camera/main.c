// lunette-camera: the program that the OS sees as the camera.
int main(void)
{
	return 0;
}
