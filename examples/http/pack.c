/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * pack FOLDER FILE: writes the files below FOLDER to FILE as the C table that files.h describes.
 * Runs during the build. The same files give the same table, byte for byte, wherever and whenever.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PATH_SIZE  1024
#define FILE_COUNT 1024
#define INDEX      "/index.html"

struct packed {
    char path[PATH_SIZE];
    uint64_t hash;
    size_t size;
};

struct pack {
    FILE *out;
    size_t root_len; /* of the folder's name: what a path on the server does not begin with */
    size_t count;
    struct packed files[FILE_COUNT];
};

static const struct {
    const char *suffix, *type;
} types[] = {
    {".css", "text/css; charset=utf-8"},
    {".html", "text/html; charset=utf-8"},
    {".ico", "image/x-icon"},
    {".jpg", "image/jpeg"},
    {".js", "text/javascript; charset=utf-8"},
    {".json", "application/json"},
    {".png", "image/png"},
    {".svg", "image/svg+xml"},
    {".txt", "text/plain; charset=utf-8"},
    {".wasm", "application/wasm"},
    {".webp", "image/webp"},
    {".woff2", "font/woff2"},
};

static _Noreturn void fail(const char *path, const char *why)
{
    fprintf(stderr, "pack: %s: %s\n", path, why);
    exit(1);
}

static const char *type_of(const char *path)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        size_t len = strlen(types[i].suffix), path_len = strlen(path);
        if (path_len > len && strcmp(path + path_len - len, types[i].suffix) == 0)
            return types[i].type;
    }
    return "application/octet-stream";
}

/* One byte inside a string literal. Octal, as a hexadecimal escape would swallow what follows; and
 * `?` too, which may be half of a trigraph. */
static void put_byte(FILE *out, int byte)
{
    if (byte == '\n')
        fputs("\\n\"\n    \"", out);
    else if (isprint(byte) && byte != '"' && byte != '\\' && byte != '?')
        putc(byte, out);
    else
        fprintf(out, "\\%03o", (unsigned)byte);
}

static void pack_file(struct pack *pack, const char *path)
{
    FILE *in = fopen(path, "rb");
    struct packed *file = &pack->files[pack->count];
    int byte;

    if (in == NULL)
        fail(path, strerror(errno));
    if (pack->count == FILE_COUNT)
        fail(path, "too many files");
    strcpy(file->path, path + pack->root_len);
    file->hash = 0xcbf29ce484222325; /* FNV-1a, of 64 bits */
    file->size = 0;
    fprintf(pack->out, "static const char body_%zu[] = {\n    \"", pack->count);
    while ((byte = getc(in)) != EOF) {
        put_byte(pack->out, byte);
        file->hash = (file->hash ^ (uint64_t)byte) * 0x100000001b3;
        file->size++;
    }
    if (ferror(in))
        fail(path, strerror(errno));
    fputs("\"};\n\n", pack->out);
    fclose(in);
    pack->count++;
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void pack_folder(struct pack *pack, const char *folder)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, is_visible, alphasort);

    if (count < 0)
        fail(folder, strerror(errno));
    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;
        char path[PATH_SIZE];
        struct stat status;

        for (const char *c = name; *c != '\0'; c++)
            if (!isalnum((unsigned char)*c) && strchr("-._~", *c) == NULL)
                fail(name,
                     "a name may have letters, digits and -._~: the server unescapes nothing");
        if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
            fail(folder, "the path of a file in it is too long");
        if (stat(path, &status) != 0)
            fail(path, strerror(errno));
        if (S_ISDIR(status.st_mode))
            pack_folder(pack, path);
        else
            pack_file(pack, path);
        free(entries[i]);
    }
    free(entries);
}

/* The entry of file (i), under the first (path_len) bytes of its path. */
static void put_entry(struct pack *pack, size_t i, size_t path_len)
{
    const struct packed *file = &pack->files[i];

    fprintf(pack->out,
            "    {TEXT(\"%.*s\"), TEXT(\"\\\"%016" PRIx64 "\\\"\"),\n"
            "     TEXT(\"HTTP/1.1 200 OK\\r\\nServer: Quintet\\r\\nContent-Type: %s\\r\\n\"\n"
            "          \"Content-Length: %zu\\r\\nCache-Control: no-cache\\r\\n"
            "ETag: \\\"%016" PRIx64 "\\\"\\r\\n\"),\n"
            "     TEXT(body_%zu)},\n",
            (int)path_len, file->path, file->hash, type_of(file->path), file->size, file->hash, i);
}

int main(int argc, char *argv[])
{
    static struct pack pack;

    if (argc != 3) {
        fputs("usage: pack FOLDER FILE\n", stderr);
        return 1;
    }
    pack.root_len = strlen(argv[1]);
    pack.out = fopen(argv[2], "w");
    if (pack.out == NULL)
        fail(argv[2], strerror(errno));

    fputs("/* Made by pack. */\n#include \"files.h\"\n\n", pack.out);
    pack_folder(&pack, argv[1]);
    fputs("#define TEXT(literal) {literal, sizeof literal - 1}\n\n"
          "const struct file files[] = {\n",
          pack.out);
    for (size_t i = 0; i < pack.count; i++) {
        size_t len = strlen(pack.files[i].path), index_len = strlen(INDEX);

        put_entry(&pack, i, len);
        if (len >= index_len && strcmp(pack.files[i].path + len - index_len, INDEX) == 0)
            put_entry(&pack, i, len - index_len + 1); /* the folder itself, "/" */
    }
    fputs("};\nconst size_t file_count = sizeof files / sizeof files[0];\n", pack.out);
    if (pack.count == 0)
        fail(argv[1], "no files");
    if (fclose(pack.out) != 0)
        fail(argv[2], strerror(errno));
    return 0;
}
