/* A terminal that is OpenPACE: it opens a chip in a PC/SC reader with PACE,
 * authenticates it, if asked authenticates itself, and prints what it read.
 *
 *   terminal READER can|mrz|pin|puk PASSWORD [ca [CERTIFICATES...]]
 *
 * CERTIFICATES are files: the CVCA certificate, the terminal's key (PKCS #8) and
 * the chain down to it. One line is printed for each file: its number and its
 * content. */
#include "pipe.h"
#include <winscard.h>

static SCARDHANDLE card;
static EAC_CTX *ctx;
static int secure;

static void load(const char *path, bytes *into) {
    FILE *f = fopen(path, "rb");
    if (f == NULL) die("cannot open %s", path);
    into->n = fread(into->b, 1, sizeof into->b, f);
    fclose(f);
}

/* insert waits for a card for some seconds. */
static void insert(const char *reader) {
    SCARDCONTEXT context;
    SCARD_READERSTATE state = {.szReader = reader, .dwCurrentState = SCARD_STATE_UNAWARE};
    DWORD protocol;
    int tries;
    if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context) != SCARD_S_SUCCESS) die("no PC/SC service");
    for (tries = 0; tries < 20 && !(state.dwEventState & SCARD_STATE_PRESENT); tries++) {
        state.dwCurrentState = state.dwEventState;
        SCardGetStatusChange(context, 500, &state, 1);
    }
    if (SCardConnect(context, reader, SCARD_SHARE_EXCLUSIVE, SCARD_PROTOCOL_T1, &card, &protocol) != SCARD_S_SUCCESS) die("no card in %s", reader);
}

static unsigned exchange(const bytes *command, bytes *answer) {
    DWORD n = sizeof answer->b;
    if (SCardTransmit(card, SCARD_PCI_T1, command->b, command->n, NULL, answer->b, &n) != SCARD_S_SUCCESS || n < 2) die("transmission");
    answer->n = n - 2;
    return answer->b[n - 2] << 8 | answer->b[n - 1];
}

/* build makes an APDU; le is -1 for none. Everything is short unless it must not be. */
static void build(bytes *to, const uint8_t header[4], const bytes *data, int le) {
    int extended = data->n > 255;
    to->n = 0;
    add(to, header, 4);
    if (data->n > 0) {
        if (extended) add1(to, 0), add1(to, data->n >> 8);
        add1(to, data->n & 0xFF);
        add(to, data->b, data->n);
    }
    if (le >= 0) {
        if (extended) add1(to, 0);
        add1(to, le & 0xFF);
    }
}

/* opened takes the answer to a protected command out of secure messaging. */
static unsigned opened(const bytes *answer, unsigned outer, bytes *plain) {
    const uint8_t *end = answer->b + answer->n;
    object status, code, sealed;
    if (!EAC_increment_ssc(ctx)) die("counter");
    if (answer->n == 0) die("unprotected answer %04X", outer);
    if (!find_object(answer->b, end, 0x99, &status) || !find_object(answer->b, end, 0x8E, &code) || !code_is_right(ctx, NULL, answer->b, &code))
        die("the answer is not authentic");
    if (find_object(answer->b, end, 0x87, &sealed)) unseal(plain, ctx, sealed.value + 1, sealed.end - sealed.value - 1);
    return status.value[0] << 8 | status.value[1];
}

static unsigned send(uint8_t cla, uint8_t ins, uint8_t p1, uint8_t p2, const void *data, size_t n, int le, bytes *answer) {
    static bytes body, command, raw, sealed;
    uint8_t header[] = {cla, ins, p1, p2}, expected = (uint8_t)le;
    unsigned sw;
    body.n = raw.n = answer->n = 0;
    if (!secure) {
        add(&body, data, n);
        build(&command, header, &body, le);
        return exchange(&command, answer);
    }
    header[0] |= 0x0C;
    if (!EAC_increment_ssc(ctx)) die("counter");
    if (n > 0) {
        sealed.n = 0;
        add1(&sealed, 1);
        seal(&sealed, ctx, data, n);
        add_object(&body, 0x87, sealed.b, sealed.n);
    }
    if (le >= 0) add_object(&body, 0x97, &expected, 1);
    add_code(&body, ctx, header, body.b, body.n);
    build(&command, header, &body, 0);
    sw = exchange(&command, &raw);
    return opened(&raw, sw, answer);
}

static void must(unsigned sw, const char *what) {
    if (sw != 0x9000) die("%s: %04X", what, sw);
}

/* read_file reads a file by its short identifier, then by offset. */
static void read_file(uint8_t sfi, bytes *file) {
    static bytes part;
    size_t want = 4;
    object o;
    file->n = 0;
    while (file->n < want) {
        size_t left = want - file->n, le = left > 0xDF ? 0xDF : left;
        if (file->n == 0) must(send(0, 0xB0, 0x80 | sfi, 0, NULL, 0, 4, &part), "read a file");
        else must(send(0, 0xB0, file->n >> 8, file->n & 0xFF, NULL, 0, le, &part), "read on");
        if (part.n == 0) die("file %02X ends early", sfi);
        add(file, part.b, part.n);
        if (file->n == part.n) { /* the first one: how long is it? */
            uint8_t head[8] = {0};
            size_t size = 0;
            memcpy(head, file->b, file->n < 8 ? file->n : 8);
            if (head[1] < 0x80) size = 2 + head[1];
            else if (head[1] == 0x81) size = 3 + head[2];
            else if (head[1] == 0x82) size = 4 + (head[2] << 8 | head[3]);
            else die("length of file %02X", sfi);
            want = size;
            if (file->n > want) file->n = want;
        }
    }
    if (!next_object(file->b, file->b + file->n, &o)) die("file %02X", sfi);
    printf("%02X ", sfi);
    for (want = 0; want < file->n; want++) printf("%02X", file->b[want]);
    putchar('\n');
}

/* step is one GENERAL AUTHENTICATE: it sends an object, and gets one. */
static void step(int last, unsigned out, BUF_MEM *value, unsigned in, bytes *answer) {
    static bytes body, dynamic;
    object outer, inner;
    unsigned sw;
    body.n = dynamic.n = 0;
    if (out != 0 && value == NULL) die("PACE, object %02X", out);
    if (out != 0) add_object(&body, out, value->data, value->length);
    add_object(&dynamic, 0x7C, body.b, body.n);
    if ((sw = send(last ? 0 : 0x10, 0x86, 0, 0, dynamic.b, dynamic.n, 0, answer)) != 0x9000) die("the card refuses object %02X of %zu bytes: %04X", out, body.n, sw);
    if (in == 0) return;
    if (!next_object(answer->b, answer->b + answer->n, &outer) || !find_object(outer.value, outer.end, in, &inner)) die("object %02X is missing", in);
    memmove(answer->b, inner.value, answer->n = inner.end - inner.value);
}

/* whole gives a compressed key the length of a coordinate. OpenPACE drops zeros at
 * its front; TR-03110-3 §A.2.2.3 has them, as every coordinate (TR-03111 §3.1.3). */
static BUF_MEM *whole(BUF_MEM *compressed, const BUF_MEM *key) {
    static bytes zeros;
    if (compressed == NULL || key == NULL || compressed->length > (key->length - 1) / 2) die("compressed key");
    zeros.n = (key->length - 1) / 2 - compressed->length;
    add(&zeros, compressed->data, compressed->length);
    return buffer(zeros.b, zeros.n);
}

static void pace(enum s_type type, const char *password, BUF_MEM **chip) {
    static bytes body, answer;
    PACE_SEC *secret = PACE_SEC_new(password, strlen(password), type);
    const ASN1_OBJECT *oid = EAC_OBJ_nid2obj(ctx->pace_ctx->protocol);
    uint8_t reference = type;
    BUF_MEM *ours, *theirs;
    unsigned sw;
    if (secret == NULL || oid == NULL) die("password or protocol");
    printf("PACE %s\n", EAC_OBJ_nid2sn(ctx->pace_ctx->protocol));
    add_object(&body, 0x80, OBJ_get0_data(oid), OBJ_length(oid));
    add_object(&body, 0x83, &reference, 1);
    sw = send(0, 0x22, 0xC1, 0xA4, body.b, body.n, -1, &answer);
    if (sw != 0x9000 && (sw & 0xFFF0) != 0x63C0) die("the card refuses PACE: %04X", sw);
    step(0, 0, NULL, 0x80, &answer);
    if (!PACE_STEP2_dec_nonce(ctx, secret, buffer(answer.b, answer.n))) die("nonce");
    step(0, 0x81, PACE_STEP3A_generate_mapping_data(ctx), 0x82, &answer);
    if (!PACE_STEP3A_map_generator(ctx, buffer(answer.b, answer.n))) die("mapping");
    ours = PACE_STEP3B_generate_ephemeral_key(ctx);
    step(0, 0x83, ours, 0x84, &answer);
    theirs = buffer(answer.b, answer.n);
    if (!PACE_STEP3B_compute_shared_secret(ctx, theirs) || !PACE_STEP3C_derive_keys(ctx)) die("key agreement");
    step(1, 0x85, PACE_STEP3D_compute_authentication_token(ctx, theirs), 0x86, &answer);
    if (PACE_STEP3D_verify_authentication_token(ctx, buffer(answer.b, answer.n)) != 1) die("the card's token is wrong");
    restart(ctx, EAC_ID_PACE);
    secure = 1;
    if (strstr(EAC_OBJ_nid2sn(ctx->pace_ctx->protocol), "ECDH")) *chip = whole(EAC_Comp(ctx, EAC_ID_PACE, theirs), theirs);
    PACE_SEC_clear_free(secret);
}

static BUF_MEM *authenticate_chip(void) {
    static bytes dg14, point, body, answer;
    read_file(0x0E, &dg14);
    object oid = chip_authentication(ctx, &dg14, &point);
    BUF_MEM *compressed = TA_STEP3_generate_ephemeral_key(ctx), *ephemeral = CA_STEP2_get_eph_pubkey(ctx);
    printf("CA %s\n", EAC_OBJ_nid2sn(ctx->ca_ctx->protocol));
    add_object(&body, 0x80, oid.value, oid.end - oid.value);
    must(send(0, 0x22, 0x41, 0xA4, body.b, body.n, -1, &answer), "select Chip Authentication");
    step(1, 0x80, ephemeral, 0, &answer);
    if (!CA_STEP4_compute_shared_secret(ctx, buffer(point.b, point.n)) || !KA_CTX_derive_keys(ctx->ca_ctx->ka_ctx, NULL, ctx->md_ctx)) die("Chip Authentication");
    restart(ctx, EAC_ID_CA);
    return whole(compressed, ephemeral);
}

static void name_key(uint8_t p2, const uint8_t *name, size_t n) {
    static bytes body, answer;
    body.n = 0;
    add_object(&body, 0x83, name, n);
    must(send(0, 0x22, 0x81, p2, body.b, body.n, -1, &answer), "name a key");
}

/* authenticate_terminal has OpenPACE verify the chain too, before the chip does.
 * It gets its private key last: with one, it takes every certificate for its own. */
static void authenticate_terminal(char **paths, BUF_MEM *ephemeral, BUF_MEM *chip) {
    static bytes authority, key, certificate, answer;
    object outer, body, name;
    BUF_MEM *signature;
    unsigned sw;
    const uint8_t *der = key.b;
    load(paths[0], &authority);
    load(paths[1], &key);
    if (!EAC_CTX_init_ta(ctx, NULL, 0, authority.b, authority.n)) die("start Terminal Authentication");
    TA_disable_checks(ctx); /* a persona's certificates have the persona's dates */
    for (paths += 2; *paths != NULL; paths++) {
        load(*paths, &certificate);
        if (!TA_STEP2_import_certificate(ctx, certificate.b, certificate.n)) die("OpenPACE refuses %s", *paths);
        if (!next_object(certificate.b, certificate.b + certificate.n, &outer) || !next_object(outer.value, outer.end, &body) || !find_object(body.value, body.end, 0x42, &name)) die("certificate");
        name_key(0xB6, name.value, name.end - name.value);
        must(send(0, 0x2A, 0, 0xBE, outer.value, outer.end - outer.value, -1, &answer), "present a certificate");
        if (!find_object(body.value, body.end, 0x5F20, &name)) die("holder");
    }
    name_key(0xA4, name.value, name.end - name.value);
    must(send(0, 0x84, 0, 0, NULL, 0, 8, &answer), "get a challenge");
    if ((ctx->ta_ctx->priv_key = d2i_AutoPrivateKey(NULL, &der, key.n)) == NULL) die("terminal key");
    if (!TA_STEP4_set_nonce(ctx, buffer(answer.b, answer.n))) die("challenge");
    if ((signature = TA_STEP5_sign(ctx, ephemeral, chip, NULL)) == NULL) die("signature");
    sw = send(0, 0x82, 0, 0, signature->data, signature->length, -1, &answer);
    if (sw != 0x9000) die("authenticate the terminal, by keys of %zu and %zu bytes and a signature of %zu: %04X", chip->length, ephemeral->length, signature->length, sw);
    printf("TA %s\n", EAC_OBJ_nid2sn(ctx->ta_ctx->protocol));
    read_file(0x03, &answer);
}

int main(int count, char **arguments) {
    static const uint8_t application[] = {0xA0, 0, 0, 2, 0x47, 0x10, 1};
    static const char *types[] = {"", "mrz", "can", "pin", "puk"};
    static bytes file, answer;
    BUF_MEM *chip = NULL, *ephemeral;
    int type;
    if (count < 4) die("usage: terminal READER can|mrz|pin|puk PASSWORD [ca [CVCA KEY CERTIFICATE...]]");
    for (type = 1; type < 4 && strcmp(types[type], arguments[2]) != 0; type++) {}
    EAC_init();
    if ((ctx = EAC_CTX_new()) == NULL) die("context");
    insert(arguments[1]);
    read_file(0x1C, &file);
    if (!EAC_CTX_init_ef_cardaccess(file.b, file.n, ctx) || ctx->pace_ctx == NULL) die("EF.CardAccess offers nothing that OpenPACE knows");
    pace(type, arguments[3], &chip);
    if (type == PACE_PUK) { /* opens no file: gives the PIN its tries back, RESET RETRY COUNTER */
        must(send(0, 0x2C, 3, 3, NULL, 0, -1, &answer), "give the PIN its tries back");
        return 0;
    }
    must(send(0, 0xA4, 4, 0x0C, application, sizeof application, -1, &answer), "select the application");
    if (count > 4) {
        ephemeral = authenticate_chip();
        if (count > 5) authenticate_terminal(arguments + 5, ephemeral, chip);
    }
    read_file(0x1E, &file);
    read_file(0x01, &file);
    read_file(0x02, &file);
    read_file(0x1D, &file);
    SCardDisconnect(card, SCARD_RESET_CARD);
    EAC_CTX_clear_free(ctx);
    return 0;
}
