/* AMF0, the values inside RTMP commands and data messages (Adobe "Action Message Format
 * AMF 0", 2007). Reading goes over bytes without building a tree: a value that contains
 * others is given as the bytes of its content, to be read with a further reader.
 *
 * Ownership: nothing is copied; texts and contents point into the bytes read.
 * Errors: ERR_PROTO for what is no AMF0, ERR_LIMIT, ERR_UNSUPPORTED for objects of
 *   AMF3 that only their class can read.
 * Limits: as named; they hold for a whole reader, nested values included. */
#ifndef RTMP_AMF0_H
#define RTMP_AMF0_H

#include "core/be.h"

struct builder;

enum {
    RTMP_AMF0_DEPTH_MAX = 16,       /* metadata of encoders nests twice */
    RTMP_AMF0_VALUES_MAX = 512,     /* values within values; encoders send under 40 */
    RTMP_AMF0_TEXT_MAX = 16 * 1024, /* a cue's JSON has room */
};

enum rtmp_amf0_kind {
    RTMP_AMF0_NULL, /* also undefined, unsupported and references */
    RTMP_AMF0_NUMBER,
    RTMP_AMF0_BOOLEAN,
    RTMP_AMF0_TEXT,   /* string, long string, XML */
    RTMP_AMF0_OBJECT, /* object, typed object, ECMA array: content holds properties */
    RTMP_AMF0_ARRAY,  /* strict array: content holds values */
    RTMP_AMF0_DATE,   /* number holds ms since 1970 */
};

struct rtmp_amf0_value {
    enum rtmp_amf0_kind kind;
    double number;
    bool boolean;
    struct bytes text;
    struct bytes content;
};

struct rtmp_amf0_reader {
    struct be_reader in;
    unsigned n_values; /* counted against RTMP_AMF0_VALUES_MAX */
};

struct rtmp_amf0_reader rtmp_amf0_reader_of(struct bytes in);
/* 1 and a value, 0 at the end, or -ERR_X. An object that ends with the bytes instead of
 * its end mark is taken (some encoders leave it away). */
int rtmp_amf0_read(struct rtmp_amf0_reader *reader, struct rtmp_amf0_value *ret_value);
/* The same for the content of an object. */
int rtmp_amf0_read_property(struct rtmp_amf0_reader *reader, struct bytes *ret_name,
                            struct rtmp_amf0_value *ret_value);
/* The first property of that name; false when there is none or the content is broken. */
bool rtmp_amf0_find(struct bytes content, const char *name,
                    struct rtmp_amf0_value *ret_value);

void rtmp_amf0_write_number(struct builder *out, double number);
void rtmp_amf0_write_text(struct builder *out, const char *text);
void rtmp_amf0_write_null(struct builder *out);
void rtmp_amf0_write_undefined(struct builder *out);
/* begin, then n values. */
void rtmp_amf0_write_array_begin(struct builder *out, uint32_t n);
/* begin, then for each property its name and one value, then end. */
void rtmp_amf0_write_object_begin(struct builder *out);
void rtmp_amf0_write_name(struct builder *out, const char *name);
void rtmp_amf0_write_object_end(struct builder *out);

#endif
