#include "cli/cli.h"

int main(int argc, char **argv)
{
	return vit_cli_main(argc, argv);
}
