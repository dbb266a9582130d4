/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Gives each file of a corpus, named on the command line, to the fuzzer that it is
 * linked with, and then every shorter beginning of the file up to 4 KiB. Prints TAP;
 * a finding ends the program, and so breaks its plan.
 */
#include "fuzz.h"

#define MAX_INPUT  65536
#define MAX_PREFIX 4096

static uint8_t input[MAX_INPUT];

static int replay(const char *path)
{
    FILE *file = fopen(path, "rb");
    size_t size;

    if (file == NULL)
        return -1;
    size = fread(input, 1, sizeof input, file);
    fclose(file);
    LLVMFuzzerTestOneInput(input, size);
    for (size_t part = 0; part < size && part < MAX_PREFIX; part++)
        LLVMFuzzerTestOneInput(input, part);
    return 0;
}

int main(int argc, char **argv)
{
    int failed = 0;

    printf("1..%d\n", argc - 1);
    for (int i = 1; i < argc; i++) {
        int result = replay(argv[i]);

        printf("%s %d - %s\n", result == 0 ? "ok" : "not ok", i, argv[i]);
        fflush(stdout);
        failed |= result;
    }
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
