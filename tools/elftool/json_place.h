/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Finds where in a JSON text a value stands: the JSON library says it only of
 * syntax errors. Works on text that the library has accepted, and ends with 0.
 */
#ifndef TOOLS_ELFTOOL_JSON_PLACE_H
#define TOOLS_ELFTOOL_JSON_PLACE_H

#include <stddef.h>

/*
 * Each takes and returns a pointer to the first character of a value.
 *
 * json_place_root: the outermost value. json_place_member: the key of member
 * `key` of the object at `object`. json_place_value: the value behind that key.
 * json_place_element: element `index` of the array at `array`.
 *
 * What cannot be found, such as a key that the text spells with escapes, is taken
 * to stand where the object or array begins.
 */
const char *json_place_root(const char *text);
const char *json_place_member(const char *object, const char *key);
const char *json_place_value(const char *object, const char *key);
const char *json_place_element(const char *array, size_t index);

/*
 * Line and column, both from 1, of a pointer into `text`. A UTF-8 character is one
 * column.
 */
void json_place_count(const char *text, const char *place, unsigned *line, unsigned *column);

#endif
