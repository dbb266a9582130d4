/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * From JSON to a manifest. The JSON library checks the syntax; what is left is to
 * check every value, and to say where the wrong one stands.
 */
#include "manifest_json.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "json_place.h"

#define MAX_DEVICES (MFT_MAX_ENTRIES - 1)
#define NAME_CHARS  "use only letters (A-Z, a-z) and digits"

/* A text under examination: `here` is where the value begins that a fault is of. */
struct reader {
    const char *text;
    const char *here;
    struct fault *fault;
};

static int fail(struct reader *reader, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Sets the fault, with the place of `here`. Returns -1. */
static int fail(struct reader *reader, const char *format, ...)
{
    unsigned line, column;
    va_list args;

    json_place_count(reader->text, reader->here, &line, &column);
    va_start(args, format);
    fault_vset_at(reader->fault, line, column, format, args);
    va_end(args);
    return -1;
}

static const char *kind_of(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "a list";
    case JSON_STRING:
        return "a string";
    case JSON_INTEGER:
    case JSON_REAL:
        return "a number";
    case JSON_TRUE:
    case JSON_FALSE:
        return "true or false";
    default:
        return "null";
    }
}

static int check_keys(struct reader *reader, const json_t *object, const char *const *keys,
                      const char *what)
{
    const char *object_place = reader->here;
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)object, key, value)
    {
        struct quoted quoted;
        size_t i = 0;

        while (keys[i] != NULL && strcmp(keys[i], key) != 0)
            i++;
        if (keys[i] != NULL)
            continue;
        reader->here = json_place_member(object_place, key);
        return fail(reader, "%s: unknown key '%s'; the keys are: %s, %s%s%s", what,
                    quote(&quoted, key), keys[0], keys[1], keys[2] != NULL ? ", " : "",
                    keys[2] != NULL ? keys[2] : "");
    }
    return 0;
}

/*
 * Gets member `key`, which must be there and of the type, from the object that
 * `here` is at, and moves `here` to its value.
 */
static const json_t *get_member(struct reader *reader, const json_t *object, const char *key,
                                json_type type, const char *what)
{
    static const char *const type_names[] = {
        [JSON_ARRAY] = "a list", [JSON_STRING] = "a string", [JSON_INTEGER] = "a whole number"};
    const json_t *value = json_object_get(object, key);

    if (value == NULL) {
        fail(reader, "%s has no \"%s\"; add it, %s", what, key, type_names[type]);
        return NULL;
    }
    reader->here = json_place_value(reader->here, key);
    if (json_typeof(value) != type) {
        fail(reader, "%s: \"%s\" is %s; it must be %s", what, key, kind_of(value),
             type_names[type]);
        return NULL;
    }
    return value;
}

static int read_name(struct reader *reader, const json_t *value, const char *what,
                     struct mft_entry *entry)
{
    const char *name = json_string_value(value);
    size_t len = json_string_length(value);
    struct quoted bad;

    if (len == 0)
        return fail(reader, "%s: name is empty; " NAME_CHARS, what);
    for (const char *c = name; *c != '\0'; c++)
        if (!mft_name_char(*c))
            return fail(reader, "%s: name contains '%s'; " NAME_CHARS, what,
                        quote(&bad, (char[]){*c, '\0'}));
    if (len > MFT_NAME_MAX)
        return fail(reader, "%s: name has %zu characters; use at most %d", what, len, MFT_NAME_MAX);
    memcpy(entry->name, name, len + 1);
    return 0;
}

static int read_type(struct reader *reader, const json_t *value, const char *what,
                     struct mft_entry *entry)
{
    const char *name = json_string_value(value);
    uint32_t type = mft_type_by_name(name);
    struct quoted quoted;

    if (type == 0)
        return fail(reader, "%s: unknown type '%s'; use NET_BASIC or BLOCK_BASIC", what,
                    quote(&quoted, name));
    entry->type = (mft_type_t)type;
    return 0;
}

/*
 * A device by its name is easier to find than one by its number.
 */
static void describe_device(char *what, size_t size, const json_t *device, size_t number)
{
    const char *name = json_string_value(json_object_get(device, "name"));
    struct quoted quoted;

    if (name == NULL || name[0] == '\0' || strlen(name) > MFT_NAME_MAX)
        snprintf(what, size, "device %zu", number);
    else
        snprintf(what, size, "device %zu ('%s')", number, quote(&quoted, name));
}

static int read_device(struct reader *reader, const json_t *device, struct mft *mft)
{
    static const char *const keys[] = {"name", "type", NULL};
    struct mft_entry *entry = &mft->e[mft->entries];
    const char *place = reader->here;
    const json_t *value;
    char what[128];

    describe_device(what, sizeof what, device, mft->entries);
    if (!json_is_object(device))
        return fail(reader, "%s is %s; it must be {\"name\": ..., \"type\": ...}", what,
                    kind_of(device));
    if (check_keys(reader, device, keys, what) != 0)
        return -1;

    value = get_member(reader, device, "name", JSON_STRING, what);
    if (value == NULL || read_name(reader, value, what, entry) != 0)
        return -1;
    for (unsigned i = 1; i < mft->entries; i++)
        if (strcmp(mft->e[i].name, entry->name) == 0)
            return fail(reader, "%s has the name of device %u; give it another", what, i);

    reader->here = place;
    value = get_member(reader, device, "type", JSON_STRING, what);
    if (value == NULL || read_type(reader, value, what, entry) != 0)
        return -1;
    mft->entries++;
    return 0;
}

static int read_devices(struct reader *reader, const json_t *devices, struct mft *mft)
{
    const char *place = reader->here;
    size_t count = json_array_size(devices);

    if (count > MAX_DEVICES)
        return fail(reader, "\"devices\" lists %zu devices; a manifest holds at most %d", count,
                    MAX_DEVICES);
    for (size_t i = 0; i < count; i++) {
        reader->here = json_place_element(place, i);
        if (read_device(reader, json_array_get(devices, i), mft) != 0)
            return -1;
    }
    return 0;
}

static int read_manifest(struct reader *reader, const json_t *root, struct mft *mft)
{
    static const char *const keys[] = {"type", "version", "devices", NULL};
    const char *place = reader->here;
    const json_t *value;
    struct quoted quoted;

    if (!json_is_object(root))
        return fail(reader, "manifest is %s; it must be an object: {...}", kind_of(root));
    if (check_keys(reader, root, keys, "manifest") != 0)
        return -1;

    reader->here = place;
    value = get_member(reader, root, "type", JSON_STRING, "manifest");
    if (value == NULL)
        return -1;
    if (strcmp(json_string_value(value), "solo5.manifest") != 0)
        return fail(reader, "manifest is of type '%s'; it must be solo5.manifest",
                    quote(&quoted, json_string_value(value)));

    reader->here = place;
    value = get_member(reader, root, "version", JSON_INTEGER, "manifest");
    if (value == NULL)
        return -1;
    if (json_integer_value(value) != MFT_VERSION)
        return fail(reader, "manifest is of version %" JSON_INTEGER_FORMAT "; it must be %d",
                    json_integer_value(value), MFT_VERSION);

    reader->here = place;
    value = get_member(reader, root, "devices", JSON_ARRAY, "manifest");
    return value == NULL ? -1 : read_devices(reader, value, mft);
}

/* The library counts lines from 1 and columns from 0, and has -1 for neither. */
static int fail_syntax(const json_error_t *error, struct fault *fault)
{
    struct quoted quoted;

    fault_set(fault, "not valid JSON: %s", quote(&quoted, error->text));
    fault->line = error->line > 0 ? (unsigned)error->line : 1;
    fault->column = error->column > 0 ? (unsigned)error->column : 1;
    return -1;
}

struct mft *manifest_json_parse(const char *text, size_t len, struct fault *fault)
{
    struct reader reader = {.text = text, .here = json_place_root(text), .fault = fault};
    struct mft *mft = calloc(1, mft_size(MFT_MAX_ENTRIES));
    json_error_t error;
    json_t *root;
    int result;

    if (mft == NULL) {
        fault_set(fault, "out of memory");
        return NULL;
    }
    mft->version = MFT_VERSION;
    mft->entries = 1;
    mft->e[0].type = MFT_RESERVED_FIRST;

    root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL) {
        result = fail_syntax(&error, fault);
    } else {
        result = read_manifest(&reader, root, mft);
        json_decref(root);
    }
    if (result != 0) {
        free(mft);
        return NULL;
    }
    return mft;
}
