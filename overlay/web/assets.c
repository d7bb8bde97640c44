#include "overlay/web/assets.h"

#include "overlay/web/assets_table.h"

static const struct web_asset *find_page(enum web_page page)
{
    for (size_t i = 0; i < web_asset_count; i++) {
        if (web_asset_table[i].page == page)
            return &web_asset_table[i];
    }
    return NULL;
}

/* "/watch/" and one more segment, not empty. */
static bool is_show_page(struct bytes path, const char *prefix)
{
    if (!bytes_has_prefix(path, prefix))
        return false;
    struct bytes show = bytes_from(path, bytes_text(prefix).len);
    return show.len > 0 && bytes_index(show, 0, '/') == show.len;
}

const struct web_asset *web_assets_find(struct bytes path)
{
    if (is_show_page(path, "/watch/"))
        return find_page(WEB_PAGE_WATCH);
    if (is_show_page(path, "/host/"))
        return find_page(WEB_PAGE_HOST);
    if (bytes_equal_text(path, "/"))
        return find_page(WEB_PAGE_START);
    for (size_t i = 0; i < web_asset_count; i++) {
        const struct web_asset *asset = &web_asset_table[i];
        if (asset->page == WEB_PAGE_NONE && bytes_equal_text(path, asset->path))
            return asset;
    }
    return NULL;
}

const struct web_asset *web_assets_at(size_t index)
{
    return index < web_asset_count ? &web_asset_table[index] : NULL;
}
