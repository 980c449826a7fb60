/*
 * Ctrl-C during long work: the first asks the engine to stop, so that what was
 * hashed is remembered, the second ends the process at once.
 */
#ifndef VIT_CLI_STOP_H
#define VIT_CLI_STOP_H

#include <stdatomic.h>

/* From now on SIGINT, SIGTERM and SIGHUP set the flag that *stop is pointed at. */
void vit_stop_watch(const atomic_bool **stop);

/* Signals are as before. Does not return when one had come: the process then
 * ends by that signal, as its caller expects, with nothing written. */
void vit_stop_obey(void);

#endif
