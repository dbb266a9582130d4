/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Descriptors, and what else a program asks of the system.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <quintet.h>

#include "check.h"
#include "solo5_io.h"

#define fails(call, error) check((errno = 0, (call) == -1) && errno == (error))

static void descriptors(void)
{
    char buf[8];
    struct stat st;
    struct iovec iov[2] = {{(void *)"gathered ", 9}, {(void *)"write\n", 6}};

    check(read(0, buf, sizeof buf) == 0);
    check(write(1, "", 0) == 0);
    check(writev(1, iov, 2) == 15);
    check(writev(2, iov, 0) == 0);
    fails(write(0, buf, 1), EBADF);
    fails(read(1, buf, 1), EBADF);
    fails(write(3, buf, 1), EBADF);
    fails(write(-1, buf, 1), EBADF);
    fails(write(1 << 30, buf, 1), EBADF);
    fails(write(1, buf, SIZE_MAX), EINVAL);
    fails(writev(1, iov, -1), EINVAL);
    fails(writev(1, iov, 1025), EINVAL);
    fails(lseek(1, 0, SEEK_SET), ESPIPE);
    fails(lseek(9, 0, SEEK_SET), EBADF);
    fails(open("/x", O_RDONLY), ENOENT);
    fails(unlink("/x"), ENOENT);
    fails(stat("/x", &st), ENOENT);
    check(fstat(1, &st) == 0 && S_ISCHR(st.st_mode));
    fails(fstat(7, &st), EBADF);
    check(isatty(1) == 0 && errno == ENOTTY);
    check(fcntl(1, F_GETFL) == O_WRONLY && fcntl(0, F_GETFL) == O_RDONLY);
    check(fcntl(0, F_SETFL, O_NONBLOCK) == 0 && fcntl(0, F_GETFL) == (O_RDONLY | O_NONBLOCK));
    fails(fcntl(0, 1000), EINVAL);
    fails(fcntl(5, F_GETFL), EBADF);
    check(close(0) == 0);
    fails(close(0), EBADF);
    fails(read(0, buf, 1), EBADF);
}

RT_INCLUDE_FILE(self, __FILE__);

const struct rt_file rt_files[] = {{"/src/io.c", self_data, self_end}, {NULL, NULL, NULL}};

static void files(void)
{
    size_t size = (size_t)(self_end - self_data);
    char line[64], buf[2];
    struct stat st;
    FILE *f;
    int fd;

    fails(open("src/io", O_RDONLY), ENOENT);
    fails(open("src/io.c", O_RDWR), EROFS);
    fails(open("src/io.c", O_RDONLY | O_TRUNC), EROFS);
    fails(open("src/io.c", O_CREAT | O_EXCL, 0644), EEXIST);
    fails(unlink("src/io.c"), EROFS);
    fails(access("src/io.c", W_OK), EROFS);
    fails(access("src/io.c", X_OK), EACCES);
    check(access("src/io.c", R_OK) == 0);
    check(stat("/src/io.c", &st) == 0 && S_ISREG(st.st_mode) && (size_t)st.st_size == size);
    fd = open("src/io.c", O_RDONLY);
    check(fd >= 0 && fstat(fd, &st) == 0 && (size_t)st.st_size == size);
    check(read(fd, buf, 2) == 2 && memcmp(buf, "/*", 2) == 0);
    fails(write(fd, buf, 2), EBADF);
    check(lseek(fd, -1, SEEK_END) == (off_t)size - 1);
    check(read(fd, buf, 2) == 1 && buf[0] == '\n' && read(fd, buf, 2) == 0);
    fails(lseek(fd, -1, SEEK_SET), EINVAL);
    check(close(fd) == 0);
    f = fopen("/src/io.c", "r");
    check(f != NULL && fgets(line, sizeof line, f) != NULL);
    check(strcmp(line, "/* SPDX-License-Identifier: ISC\n") == 0);
    check(fseek(f, 0, SEEK_END) == 0 && ftell(f) == (long)size && fclose(f) == 0);
}

static void system_values(void)
{
    unsigned char random[2][32] = {{0}};
    uint64_t seed[2][2] = {{0}};

    check(sysconf(_SC_PAGESIZE) == 4096 && getpagesize() == 4096);
    check(sysconf(_SC_NPROCESSORS_ONLN) == 1);
    check(sysconf(_SC_PHYS_PAGES) > 256);
    fails(sysconf(12345), EINVAL);
    check(getpid() == 1 && getuid() == 0);
    check(getentropy(random[0], 32) == 0 && getentropy(random[1], 32) == 0);
    check(memcmp(random[0], random[1], 32) != 0);
    fails(getentropy(random, 257), EIO);
    check(solo5_random_seed(seed[0]) == SOLO5_R_OK && solo5_random_seed(seed[1]) == SOLO5_R_OK);
    check(seed[0][0] != 0 && memcmp(seed[0], seed[1], sizeof seed[0]) == 0);
}

static int compare(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

static void library(void)
{
    static int numbers[1000];
    jmp_buf env;
    volatile int jumps = 0;

    for (int i = 0; i < 1000; i++)
        numbers[i] = (i * 7919) % 1000;
    qsort(numbers, 1000, sizeof numbers[0], compare);
    for (int i = 0; i < 1000; i++)
        check(numbers[i] == i);
    if (setjmp(env) < 3)
        longjmp(env, ++jumps);
    check(jumps == 3);
    char *copy = strdup("a,b,c"), *state, *word = strtok_r(copy, ",", &state);
    check(strcmp(word, "a") == 0 && strcmp(strtok_r(NULL, ",", &state), "b") == 0);
    free(copy);
    char *made;
    check(asprintf(&made, "%s-%d", "x", 5) == 3 && strcmp(made, "x-5") == 0);
    free(made);
}

int main(void)
{
    descriptors();
    files();
    system_values();
    library();
    printf("SUCCESS\n");
    return 0;
}
