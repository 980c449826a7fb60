/*
 * The command line: argv to an engine call, the engine's bytes to their places,
 * its answer to an exit code. It judges nothing and reads nothing of the model.
 */
#ifndef VIT_CLI_CLI_H
#define VIT_CLI_CLI_H

/* The whole program; returns the exit code (enum vit_exit). */
int vit_cli_main(int argc, char *const *argv);

#endif
