/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Limits of memory (tenders/common/cgroup.c), over files that this test makes.
 */
#include "cgroup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

/* What the kernel has where there is no limit. */
#define V1_NONE "9223372036854771712\n"

static char folder[] = "/tmp/cgroup-XXXXXX";

static const char *in_folder(const char *name)
{
    static char path[2][256];
    static unsigned turn;

    turn = !turn;
    snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
    return path[turn];
}

/* Writes (text), in which each @ is the folder, into a file; makes the folders around it. */
static void put(const char *name, const char *text)
{
    char path[256];
    FILE *file;

    snprintf(path, sizeof path, "%s", in_folder(name));
    for (char *at = path + strlen(folder) + 1; (at = strchr(at, '/')) != NULL; at++) {
        *at = '\0';
        mkdir(path, 0755);
        *at = '/';
    }
    file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    for (; *text != '\0'; text++)
        *text == '@' ? fputs(folder, file) : fputc(*text, file);
    ck_assert_int_eq(fclose(file), 0);
}

static void setup(void)
{
    memcpy(folder + strlen(folder) - 6, "XXXXXX", 6);
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void teardown(void)
{
    char command[64];

    snprintf(command, sizeof command, "rm -r %s", folder);
    ck_assert_int_eq(system(command), 0);
}

static bool limited(void)
{
    char groups[256];

    snprintf(groups, sizeof groups, "%s", in_folder("groups"));
    return cgroup_limits_memory(groups, in_folder("mounts"));
}

#define V2_MOUNT "31 23 0:28 / @/two rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"
#define V1_MOUNT "35 31 0:32 / @/one rw,relatime - cgroup cgroup rw,memory\n"
#define OTHERS                                         \
    "23 1 254:0 / / rw,relatime - ext4 /dev/root rw\n" \
    "24 23 0:5 / /proc rw - proc proc rw\n"            \
    "32 31 0:29 / @/cpu rw,relatime - cgroup cgroup rw,cpu\n"

/* The files of a process and of one group, or two, and what that means. */
static const struct {
    const char *groups, *mounts;
    const char *file, *text, *file2, *text2;
    bool limited;
} cases[] = {
    /* Version 2: the group itself, one around it, one inside a container, the root, none. */
    {"0::/a/b\n", OTHERS V2_MOUNT, "two/a/b/memory.max", "67108864\n", NULL, NULL, true},
    {"0::/a/b\n", OTHERS V2_MOUNT, "two/a/b/memory.max", "0\n", NULL, NULL, true},
    {"0::/a/b\n", OTHERS V2_MOUNT, "two/a/b/memory.max", "max\n", "two/a/memory.max", "9\n", true},
    {"0::/a/b\n", OTHERS V2_MOUNT, "two/a/b/memory.max", "max\n", "two/a/memory.max", "max\n",
     false},
    {"0::/\n", OTHERS V2_MOUNT, "two/memory.max", "67108864\n", NULL, NULL, true},
    {"0::/\n", OTHERS V2_MOUNT, "two/cgroup.procs", "1\n", NULL, NULL, false},
    {"0::/a/b\n", OTHERS V2_MOUNT, "two/a/b/c/memory.max", "1\n", "two/a/bb/memory.max", "1\n",
     false},
    {"0::/a/b\n", "31 23 0:28 /a @/two rw - cgroup2 none rw\n", "two/b/memory.max", "1\n", NULL,
     NULL, true},
    {"0::/aa/b\n", "31 23 0:28 /a @/two rw - cgroup2 none rw\n", "two/b/memory.max", "1\n",
     "two/memory.max", "1\n", false},
    {"0::/a/b\n", OTHERS V1_MOUNT, "one/a/b/memory.limit_in_bytes", "1\n", NULL, NULL, false},
    {"0::/a\n", OTHERS V2_MOUNT, "memory.max", "1\n", "two/a/memory.max", "max\n", false},

    /* Version 1, alone and beside version 2. */
    {"4:memory:/a\n", OTHERS V1_MOUNT, "one/a/memory.limit_in_bytes", "67108864\n", NULL, NULL,
     true},
    {"4:memory:/a\n", OTHERS V1_MOUNT, "one/a/memory.limit_in_bytes", V1_NONE, NULL, NULL, false},
    {"4:memory:/a/b/c\n", OTHERS V1_MOUNT, "one/a/b/c/memory.limit_in_bytes", V1_NONE,
     "one/a/memory.limit_in_bytes", "4096\n", true},
    {"9:name=systemd:/\n4:memory:/a\n1:cpu:/\n0::/\n", OTHERS V2_MOUNT V1_MOUNT,
     "one/a/memory.limit_in_bytes", "1\n", NULL, NULL, true},
    {"4:cpu,memory:/a\n", "35 31 0:32 / @/one rw - cgroup cgroup rw,cpu,memory\n",
     "one/a/memory.limit_in_bytes", "1\n", NULL, NULL, true},
    {"4:memory:/docker/1\n", "35 31 0:32 /docker/1 @/one ro - cgroup cgroup rw,memory\n",
     "one/memory.limit_in_bytes", "1\n", NULL, NULL, true},
    {"4:memory:/docker/1\n", "35 31 0:32 /docker/2 @/one ro - cgroup cgroup rw,memory\n",
     "one/memory.limit_in_bytes", "1\n", NULL, NULL, false},
    {"4:memory2:/a\n", OTHERS V1_MOUNT, "one/a/memory.limit_in_bytes", "1\n", NULL, NULL, false},
    {"4:cpu:/a\n", OTHERS V1_MOUNT, "one/a/memory.limit_in_bytes", "1\n", NULL, NULL, false},

    /* What makes no sense. */
    {"", OTHERS V2_MOUNT, "two/memory.max", "1\n", NULL, NULL, false},
    {"0::/", OTHERS V2_MOUNT, "two/memory.max", "1\n", NULL, NULL, false},
    {"0::\n:\n\n4:memory\n0::a\nx::/\n", OTHERS V2_MOUNT, "two/memory.max", "1\n", NULL, NULL,
     false},
    {"0::/\n", "", "two/memory.max", "1\n", NULL, NULL, false},
    {"0::/\n", "\n - \n31 23 0:28 / @/two rw\n31 - cgroup2 x rw\n", "two/memory.max", "1\n", NULL,
     NULL, false},
    {"0::/\n", "31 23 0:28 / @/two rw - cgroup2\n", "two/memory.max", "1\n", NULL, NULL, false},
    {"0::/\n", OTHERS V2_MOUNT, "two/memory.max", "", NULL, NULL, false},
    {"0::/\n", OTHERS V2_MOUNT, "two/memory.max", "\n", NULL, NULL, false},
    {"0::/\n", OTHERS V2_MOUNT, "two/memory.max", "1", NULL, NULL, false},
    {"0::/\n", OTHERS V2_MOUNT, "two/memory.max", "-1\n", NULL, NULL, false},
    {"0::/\n", OTHERS V2_MOUNT, "two/memory.max", "1M\n", NULL, NULL, false},
    {"0::/\n", OTHERS V2_MOUNT, "two/memory.max", "99999999999999999999999999999999999999\n", NULL,
     NULL, false},
    {"0::/\n", OTHERS V2_MOUNT, "two/memory.max/is-a-folder", "1\n", NULL, NULL, false},
};

START_TEST(files)
{
    put("groups", cases[_i].groups);
    put("mounts", cases[_i].mounts);
    put(cases[_i].file, cases[_i].text);
    if (cases[_i].file2 != NULL)
        put(cases[_i].file2, cases[_i].text2);
    ck_assert_int_eq(limited(), cases[_i].limited);
}
END_TEST

START_TEST(unreadable)
{
    ck_assert(!limited());
    put("mounts", V2_MOUNT);
    put("two/memory.max", "1\n");
    ck_assert(!limited());
    put("groups", "0::/\n");
    ck_assert(limited());
    ck_assert_int_eq(unlink(in_folder("mounts")), 0);
    ck_assert(!limited());
    ck_assert_int_eq(mkdir(in_folder("mounts"), 0755), 0);
    ck_assert(!limited());
}
END_TEST

/* Files of many pages; a line that is too long ends the reading, a path that is too long does not.
 */
START_TEST(long_files)
{
    static char text[40000], path[5000];
    size_t len = 0;

    memset(path, 'x', sizeof path - 1);
    snprintf(text, sizeof text, "4:memory:/%s\n0::/\n", path);
    put("groups", text);
    while (len < 30000)
        len += (size_t)snprintf(text + len, sizeof text - len, "%s", OTHERS);
    snprintf(text + len, sizeof text - len, "%s", V2_MOUNT);
    put("mounts", text);
    put("two/memory.max", "1\n");
    ck_assert(limited());
    memset(text, 'x', 9000);
    text[9000] = '\n';
    snprintf(text + 9001, sizeof text - 9001, "%s", V2_MOUNT);
    put("mounts", text);
    ck_assert(!limited());
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("cgroup");
    TCase *tests = tcase_create("cgroup");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, files, 0, COUNT(cases));
    tcase_add_test(tests, unreadable);
    tcase_add_test(tests, long_files);
    suite_add_tcase(suite, tests);
    return suite;
}
