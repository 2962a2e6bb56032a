#include <curl/curl.h>

/* Options are set by functions of variable arguments, which Swift does not call. */
static inline CURLcode curl_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode curl_set_string(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode curl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(handle, option, value);
}

/* Bytes are asked for with `read`, and now and then `progress`, both with `context`. */
static inline CURLcode curl_set_upload(
    CURL *handle, void *context, size_t (*read)(char *, size_t, size_t, void *),
    int (*progress)(void *, curl_off_t, curl_off_t, curl_off_t, curl_off_t)) {
    CURLcode results[] = {
        curl_easy_setopt(handle, CURLOPT_UPLOAD, 1L),
        curl_easy_setopt(handle, CURLOPT_READDATA, context),
        curl_easy_setopt(handle, CURLOPT_READFUNCTION, read),
        curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L),
        curl_easy_setopt(handle, CURLOPT_XFERINFODATA, context),
        curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, progress),
    };
    for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++)
        if (results[i] != CURLE_OK) return results[i];
    return CURLE_OK;
}

static inline CURLcode curl_response_code(CURL *handle, long *code) {
    return curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, code);
}

static inline int curl_start(void) { return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK; }
