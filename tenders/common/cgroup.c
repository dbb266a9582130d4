/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Limits of memory: see cgroup.h. The files are described by cgroups(7) and proc(5), the limits by
 * Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst of Linux.
 */
#include "cgroup.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "parse.h"

#define PATH_SIZE 4096
#define LINE_SIZE 8192

/* Where there is no limit version 1 has the largest number of bytes in whole pages. */
#define LIMIT_MAX (UINT64_C(1) << 62)

/* Two lines of the one file have the memory's group: of each version, if it is mounted. */
struct group {
    bool found;
    char path[PATH_SIZE]; /* in its hierarchy: "/" or "/a/b" */
};

struct lines {
    int fd;
    size_t len, next; /* bytes in text, those of lines that were taken */
    char text[LINE_SIZE];
};

/* The next line, without its end; NULL after the last, or where one is too long. */
static char *next_line(struct lines *lines)
{
    for (;;) {
        char *line = lines->text + lines->next;
        ssize_t got;

        for (size_t i = lines->next; i < lines->len; i++) {
            if (lines->text[i] == '\n') {
                lines->text[i] = '\0';
                lines->next = i + 1;
                return line;
            }
        }
        memmove(lines->text, line, lines->len - lines->next);
        lines->len -= lines->next;
        lines->next = 0;
        if (lines->len == sizeof lines->text)
            return NULL;
        got = read(lines->fd, lines->text + lines->len, sizeof lines->text - lines->len);
        if (got <= 0)
            return NULL;
        lines->len += (size_t)got;
    }
}

/* Cuts (text) at the first (end), returns what follows; NULL when there is none. */
static char *cut(char *text, char end)
{
    char *at = text == NULL ? NULL : strchr(text, end);

    if (at == NULL)
        return NULL;
    *at = '\0';
    return at + 1;
}

/* Whether (word) is one of those in (list), which commas part. */
static bool has_word(const char *list, const char *word)
{
    size_t len = strlen(word);

    while (strncmp(list, word, len) != 0 || (list[len] != '\0' && list[len] != ',')) {
        list = strchr(list, ',');
        if (list == NULL)
            return false;
        list++;
    }
    return true;
}

/* A line of /proc/self/cgroup is NUMBER:CONTROLLERS:PATH, and 0::PATH for version 2. */
static void find_groups(const char *file, struct group *v1, struct group *v2)
{
    struct lines lines = {.fd = open(file, O_RDONLY | O_CLOEXEC)};
    char *line;

    if (lines.fd < 0)
        return;
    while ((line = next_line(&lines)) != NULL) {
        char *controllers = cut(line, ':'), *path = cut(controllers, ':');
        struct group *group = NULL;

        if (path == NULL || path[0] != '/' || strlen(path) >= PATH_SIZE)
            continue;
        if (has_word(controllers, "memory"))
            group = v1;
        else if (strcmp(line, "0") == 0 && controllers[0] == '\0')
            group = v2;
        if (group != NULL) {
            memcpy(group->path, path, strlen(path) + 1);
            group->found = true;
        }
    }
    close(lines.fd);
}

static bool has_limit(const char *folder, const char *name)
{
    char path[PATH_SIZE + 32], text[32];
    uint64_t limit;
    ssize_t len;
    int fd;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    len = read(fd, text, sizeof text);
    close(fd);
    if (len < 1 || text[len - 1] != '\n')
        return false;
    text[len - 1] = '\0';
    return parse_u64(text, 0, LIMIT_MAX, &limit) == 0;
}

/* Looks at a group and at those around it, as far as they are to be seen: (root) is the one that is
 * mounted at (mount). */
static bool is_limited(const struct group *group, const char *root, const char *mount,
                       const char *name)
{
    size_t root_len = strcmp(root, "/") == 0 ? 0 : strlen(root), top = strlen(mount);
    const char *below = group->path + root_len;
    char folder[PATH_SIZE];

    if (!group->found || strncmp(group->path, root, root_len) != 0 ||
        (below[0] != '/' && below[0] != '\0') || top + strlen(below) >= sizeof folder)
        return false;
    memcpy(folder, mount, top);
    memcpy(folder + top, below, strlen(below) + 1);
    for (size_t len = strlen(folder); len >= top && len != 0; len--) {
        if (len != top && folder[len] != '/' && folder[len] != '\0')
            continue;
        folder[len] = '\0';
        if (has_limit(folder, name))
            return true;
    }
    return false;
}

/* A line of mountinfo: ID PARENT DEVICE ROOT MOUNT OPTIONS [FIELD...] - TYPE SOURCE OPTIONS. */
static bool mount_limits(char *line, const struct group *v1, const struct group *v2)
{
    char *parent = cut(line, ' '), *device = cut(parent, ' '), *root = cut(device, ' ');
    char *mount = cut(root, ' '), *options = cut(mount, ' ');
    char *type = options == NULL ? NULL : strstr(options, " - ");
    char *source, *super;

    if (type == NULL)
        return false;
    type += strlen(" - ");
    source = cut(type, ' ');
    super = cut(source, ' ');
    if (super == NULL)
        return false;
    if (strcmp(type, "cgroup2") == 0)
        return is_limited(v2, root, mount, "memory.max");
    return strcmp(type, "cgroup") == 0 && has_word(super, "memory") &&
           is_limited(v1, root, mount, "memory.limit_in_bytes");
}

bool cgroup_limits_memory(const char *groups, const char *mounts)
{
    struct group v1 = {.found = false}, v2 = {.found = false};
    struct lines lines = {.fd = -1};
    bool limited = false;
    char *line;

    find_groups(groups, &v1, &v2);
    if (!v1.found && !v2.found)
        return false;
    lines.fd = open(mounts, O_RDONLY | O_CLOEXEC);
    if (lines.fd < 0)
        return false;
    while (!limited && (line = next_line(&lines)) != NULL)
        limited = mount_limits(line, &v1, &v2);
    close(lines.fd);
    return limited;
}
