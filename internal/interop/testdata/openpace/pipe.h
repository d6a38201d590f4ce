/* What both sides of a chip's conversation need beside OpenPACE's calls: bytes,
 * objects, and the frame of secure messaging (ISO 7816-4 §10). Everything that is
 * computed with a key is computed by libeac. */
#ifndef PIPE_H
#define PIPE_H

#include <eac/ca.h>
#include <eac/eac.h>
#include <eac/pace.h>
#include <eac/ta.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* libeac exports it; its headers do not say so. Without a nonce it derives the
 * keys of PACE and of version 1 of Chip Authentication. */
int KA_CTX_derive_keys(KA_CTX *ctx, const BUF_MEM *nonce, EVP_MD_CTX *md_ctx);

typedef struct {
    size_t n;
    uint8_t b[70000];
} bytes;

static void die(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    ERR_print_errors_fp(stderr);
    exit(1);
}

static void add(bytes *to, const void *from, size_t n) {
    if (to->n + n > sizeof to->b) die("too long");
    if (n > 0) memcpy(to->b + to->n, from, n);
    to->n += n;
}

static void add1(bytes *to, unsigned b) {
    uint8_t octet = (uint8_t)b;
    add(to, &octet, 1);
}

static void add_length(bytes *to, size_t n) {
    if (n > 0xFF) {
        add1(to, 0x82);
        add1(to, n >> 8);
    } else if (n > 0x7F) {
        add1(to, 0x81);
    }
    add1(to, n & 0xFF);
}

static void add_object(bytes *to, unsigned tag, const void *value, size_t n) {
    if (tag > 0xFF) add1(to, tag >> 8);
    add1(to, tag & 0xFF);
    add_length(to, n);
    add(to, value, n);
}

/* A read object: where it begins, its value, where the next begins. */
typedef struct {
    unsigned tag;
    const uint8_t *start, *value, *end;
} object;

static int next_object(const uint8_t *at, const uint8_t *end, object *o) {
    size_t n, more;
    o->start = at;
    if (at >= end) return 0;
    o->tag = *at++;
    if ((o->tag & 0x1F) == 0x1F && at < end) o->tag = o->tag << 8 | *at++;
    if (at >= end) return 0;
    n = *at++;
    if (n > 0x80) {
        for (more = n & 0x7F, n = 0; more > 0 && at < end; more--) n = n << 8 | *at++;
    }
    if (n > (size_t)(end - at)) return 0;
    o->value = at;
    o->end = at + n;
    return 1;
}

static int find_object(const uint8_t *at, const uint8_t *end, unsigned tag, object *o) {
    for (; next_object(at, end, o); at = o->end)
        if (o->tag == tag) return 1;
    return 0;
}

static BUF_MEM *buffer(const void *from, size_t n) {
    BUF_MEM *b = BUF_MEM_new();
    if (b == NULL || !BUF_MEM_grow(b, n)) die("no memory");
    if (n > 0) memcpy(b->data, from, n);
    return b;
}

static void add_buffer(bytes *to, BUF_MEM *b, const char *what) {
    if (b == NULL) die("%s", what);
    add(to, b->data, b->length);
    BUF_MEM_free(b);
}

static void add_padded(bytes *to, const EAC_CTX *ctx, const void *from, size_t n) {
    BUF_MEM *plain = buffer(from, n);
    add_buffer(to, EAC_add_iso_pad(ctx, plain), "padding");
    BUF_MEM_free(plain);
}

/* seal is the value of a cryptogram, without the padding indicator. */
static void seal(bytes *to, EAC_CTX *ctx, const void *from, size_t n) {
    static bytes padded;
    BUF_MEM *plain;
    padded.n = 0;
    add_padded(&padded, ctx, from, n);
    plain = buffer(padded.b, padded.n);
    add_buffer(to, EAC_encrypt(ctx, plain), "encryption");
    BUF_MEM_free(plain);
}

static void unseal(bytes *to, EAC_CTX *ctx, const void *from, size_t n) {
    BUF_MEM *sealed = buffer(from, n), *padded = EAC_decrypt(ctx, sealed);
    if (padded == NULL) die("decryption");
    add_buffer(to, EAC_remove_iso_pad(padded), "padding of a cryptogram");
    BUF_MEM_free(padded);
    BUF_MEM_free(sealed);
}

/* to_authenticate is a header, if there is one, and objects, each padded. */
static BUF_MEM *to_authenticate(const EAC_CTX *ctx, const uint8_t *header, const uint8_t *objects, size_t n) {
    static bytes message;
    message.n = 0;
    if (header != NULL) add_padded(&message, ctx, header, 4);
    if (header == NULL || n > 0) add_padded(&message, ctx, objects, n);
    return buffer(message.b, message.n);
}

static void add_code(bytes *to, const EAC_CTX *ctx, const uint8_t *header, const uint8_t *objects, size_t n) {
    static bytes code;
    BUF_MEM *message = to_authenticate(ctx, header, objects, n);
    code.n = 0;
    add_buffer(&code, EAC_authenticate(ctx, message), "authentication");
    BUF_MEM_free(message);
    add_object(to, 0x8E, code.b, code.n);
}

static int code_is_right(const EAC_CTX *ctx, const uint8_t *header, const uint8_t *objects, const object *code) {
    BUF_MEM *message = to_authenticate(ctx, header, objects, code->start - objects);
    BUF_MEM *theirs = buffer(code->value, code->end - code->value);
    int right = EAC_verify_authentication(ctx, message, theirs);
    BUF_MEM_free(theirs);
    BUF_MEM_free(message);
    return right == 1;
}

/* restart has the next command protected under the keys of PACE or of Chip
 * Authentication, from counter zero. */
static void restart(EAC_CTX *ctx, int id) {
    if (!EAC_CTX_set_encryption_ctx(ctx, id)) die("session keys");
}

/* chip_authentication readies version 1 of the protocol with what EF.DG14
 * offers: the first key on a curve and the first cipher. It returns the protocol's
 * identifier for MSE:Set AT, and in *point the chip's public key, if asked. */
static object chip_authentication(EAC_CTX *ctx, const bytes *dg14, bytes *point) {
    static const uint8_t pk_ecdh[] = {4, 0, 127, 0, 7, 2, 2, 1, 2}, ca_ecdh[] = {4, 0, 127, 0, 7, 2, 2, 3, 2};
    static const struct { int nid, id; } curves[] = {
        {NID_X9_62_prime256v1, 12}, {NID_brainpoolP256r1, 13}, {NID_brainpoolP320r1, 14}, {NID_secp384r1, 15}, {NID_brainpoolP384r1, 16}, {NID_brainpoolP512r1, 17}, {NID_secp521r1, 18},
    };
    const uint8_t *end = dg14->b + dg14->n, *at;
    object file, set, info, oid, key, protocol = {0};
    int id = 0, nid = NID_undef;
    char name[64];
    if (!next_object(dg14->b, end, &file) || !next_object(file.value, file.end, &set)) die("EF.DG14");
    for (at = set.value; next_object(at, set.end, &info); at = info.end) {
        if (!next_object(info.value, info.end, &oid)) die("SecurityInfo");
        if (oid.end - oid.value == 9 && memcmp(oid.value, pk_ecdh, 9) == 0 && id == 0) {
            const uint8_t *der = oid.end;
            EVP_PKEY *public;
            uint8_t raw[200];
            size_t n;
            if (!next_object(oid.end, info.end, &key) || (public = d2i_PUBKEY(NULL, &der, key.end - key.start)) == NULL) die("public key in EF.DG14");
            if (!EVP_PKEY_get_utf8_string_param(public, "group", name, sizeof name, NULL)) die("curve in EF.DG14");
            for (n = 0; n < sizeof curves / sizeof *curves; n++)
                if (curves[n].nid == OBJ_sn2nid(name)) id = curves[n].id;
            if (!EVP_PKEY_get_octet_string_param(public, "pub", raw, sizeof raw, &n)) die("point in EF.DG14");
            if (point != NULL) point->n = 0, add(point, raw, n);
            EVP_PKEY_free(public);
        } else if (oid.end - oid.value == 10 && memcmp(oid.value, ca_ecdh, 9) == 0 && nid == NID_undef) {
            const int nids[] = {NID_undef, NID_id_CA_ECDH_3DES_CBC_CBC, NID_id_CA_ECDH_AES_CBC_CMAC_128, NID_id_CA_ECDH_AES_CBC_CMAC_192, NID_id_CA_ECDH_AES_CBC_CMAC_256};
            nid = nids[oid.value[9] % 5];
            protocol = oid;
        }
    }
    if (id == 0 || nid == NID_undef) die("EF.DG14 offers no Chip Authentication on a curve that has a number");
    if (!EAC_CTX_init_ca(ctx, nid, id)) die("start Chip Authentication");
    return protocol;
}

#endif
