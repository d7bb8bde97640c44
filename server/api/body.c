#include "server/api/body.h"

#include <string.h>

#include "core/err.h"
#include "overlay/catalogue/title.h"

static const struct api_body_field *find_field(const struct api_body_field *fields,
                                               const char *name)
{
    for (; fields->name; fields++)
        if (strcmp(fields->name, name) == 0)
            return fields;
    return NULL;
}

/* Controls, and what makes text lie about its direction; jansson has checked that it is
 * UTF-8. */
static bool is_plain(struct bytes text)
{
    while (text.len > 0) {
        size_t len;
        if (catalogue_title_is_forbidden(catalogue_title_code_point(text, &len)))
            return false;
        text = bytes_from(text, len);
    }
    return true;
}

/* Characters, not bytes; jansson has checked that it is UTF-8. */
static size_t count_characters(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

static int check_text(const struct api_body_field *field, const json_t *value,
                      struct err *err)
{
    if (!json_is_string(value))
        return err_set(err, ERR_INVALID, "%s: must be a text", field->name);
    const char *text = json_string_value(value);
    if (strlen(text) != json_string_length(value))
        return err_set(err, ERR_INVALID, "%s: must not hold a NUL", field->name);
    if (!is_plain(bytes_text(text)))
        return err_set(err, ERR_INVALID, "%s: must not hold control characters",
                       field->name);
    if (field->required && text[0] == '\0')
        return err_set(err, ERR_INVALID, "%s: must not be empty", field->name);
    if (field->max && count_characters(text) > field->max)
        return err_set(err, ERR_INVALID, "%s: at most %zu characters", field->name,
                       field->max);
    return 0;
}

static int check_integer(const struct api_body_field *field, const json_t *value,
                         struct err *err)
{
    if (!json_is_integer(value) || json_integer_value(value) < 0)
        return err_set(err, ERR_INVALID, "%s: must be a whole number, 0 or more",
                       field->name);
    if (field->max && (uint64_t)json_integer_value(value) > field->max)
        return err_set(err, ERR_INVALID, "%s: at most %zu", field->name, field->max);
    return 0;
}

static int check_texts(const struct api_body_field *field, const json_t *value,
                       struct err *err)
{
    if (!json_is_array(value))
        return err_set(err, ERR_INVALID, "%s: must be a list of texts", field->name);
    if (field->max && json_array_size(value) > field->max)
        return err_set(err, ERR_INVALID, "%s: at most %zu entries", field->name,
                       field->max);
    for (size_t i = 0; i < json_array_size(value); i++)
        if (!json_is_string(json_array_get(value, i)))
            return err_set(err, ERR_INVALID, "%s: must be a list of texts",
                           field->name);
    return 0;
}

static int check_value(const struct api_body_field *field, const json_t *value,
                       struct err *err)
{
    if (json_is_null(value) && !field->required)
        return 0;
    switch (field->type) {
    case API_BODY_TEXT:
        return check_text(field, value, err);
    case API_BODY_INTEGER:
        return check_integer(field, value, err);
    case API_BODY_BOOLEAN:
        return json_is_boolean(value)
                   ? 0
                   : err_set(err, ERR_INVALID, "%s: must be true or false",
                             field->name);
    case API_BODY_TEXTS:
        return check_texts(field, value, err);
    case API_BODY_ANY:
        return 0;
    }
    return 0;
}

static int check_object(const struct api_body_field *fields, json_t *object,
                        struct err *err)
{
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value)
    {
        const struct api_body_field *field = find_field(fields, name);
        if (!field)
            return err_set(err, ERR_INVALID, "%.40s: there is no such field", name);
        int failed = check_value(field, value, err);
        if (failed)
            return failed;
    }
    for (; fields->name; fields++)
        if (fields->required && !json_object_get(object, fields->name))
            return err_set(err, ERR_INVALID, "%s: is missing", fields->name);
    return 0;
}

int api_body_read(struct bytes body, const struct api_body_field *fields,
                  json_t **ret_object, struct err *err)
{
    json_error_t where = {0};
    json_t *object = body.len == 0 ? json_object()
                                   : json_loadb((const char *)body.data, body.len,
                                                JSON_REJECT_DUPLICATES, &where);
    if (!object)
        return err_set(err, ERR_PROTO, "The body is not JSON: line %d, column %d: %s",
                       where.line, where.column, where.text);
    int failed = json_is_object(object)
                     ? check_object(fields, object, err)
                     : err_set(err, ERR_INVALID, "The body must be a JSON object.");
    if (failed)
        json_decref(object);
    else
        *ret_object = object;
    return failed;
}

const char *api_body_text(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}
