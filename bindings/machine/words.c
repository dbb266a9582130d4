/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Words of the command line that are the bindings' own: finding their ends, taking them out, and
 * those that give a device to a name of the manifest. The line is changed in place.
 */
#include "words.h"

#include "bindings.h"

char *word_end(char *word)
{
    while (!is_word_end(*word))
        word++;
    return word;
}

char *word_take_out(char *line, char *word)
{
    char *rest = word_end(word);
    if (word != line && word[-1] == ' ')
        word--;
    else if (*rest == ' ')
        rest++;
    for (char *to = word; (*to = *rest) != '\0';)
        to++, rest++;
    return word;
}

/* Reads NAME=ADDRESS, all of the word. */
static bool read_device(const char *text, struct device_word *word)
{
    size_t len = 0;
    while (*text != '=' && !is_word_end(*text) && len < sizeof word->name - 1)
        word->name[len++] = *text++;
    word->name[len] = '\0';
    if (len == 0 || *text++ != '=')
        return false;
    for (len = 0; !is_word_end(*text) && len < sizeof word->address - 1;)
        word->address[len++] = *text++;
    word->address[len] = '\0';
    return len != 0 && is_word_end(*text);
}

bool words_devices(char *cmdline, struct device_word *words, unsigned max, unsigned *count)
{
    const char *value;
    *count = 0;
    for (char *at = cmdline;;) {
        while (*at == ' ')
            at++;
        if (string_after(at, "--solo5:") != NULL) {
            at = word_end(at);
        } else if ((value = string_after(at, DEVICE_WORD)) != NULL) {
            if (*count == max || !read_device(value, &words[*count])) {
                log_write(LOG_ERROR,
                          DEVICE_WORD "... cannot be read; it is NAME=ADDRESS, and there "
                                      "are at most %u",
                          max);
                return false;
            }
            ++*count;
            at = word_take_out(cmdline, at);
        } else {
            return true;
        }
    }
}
