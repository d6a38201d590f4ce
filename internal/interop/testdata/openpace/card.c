/* A chip that is OpenPACE: it plugs itself into a virtual reader (vpcd) and lets
 * itself be opened with PACE, be authenticated, and be read.
 *
 *   card HOST-PORT DIRECTORY CAN MRZ [CHIPKEY]
 *
 * DIRECTORY has the files, each under its number: 1C is EF.CardAccess, and 00
 * the answer to reset. CHIPKEY is the private key to EF.DG14's public one, in
 * hexadecimal digits. It answers until the reader goes away. */
#include "pipe.h"
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

static EAC_CTX *ctx;
static bytes files[32], point;
static const char *passwords[3], *chip_key;
static uint8_t chip_secret[66];
static size_t chip_secret_size;
static int secure, next_keys = -1, opened, selected, step_done, password_reference, chip_authentication_chosen;
static BUF_MEM *terminal_key;

/* power_on starts anew: OpenPACE's context is that of one session. */
static void power_on(void) {
    if (ctx != NULL) EAC_CTX_clear_free(ctx);
    if ((ctx = EAC_CTX_new()) == NULL || !EAC_CTX_init_ef_cardaccess(files[0x1C].b, files[0x1C].n, ctx) || ctx->pace_ctx == NULL) die("EF.CardAccess");
    ctx->tr_version = EAC_TR_VERSION_2_02;
    secure = opened = selected = step_done = chip_authentication_chosen = 0;
    next_keys = -1;
}

/* set_password answers MSE:Set AT for PACE. */
static unsigned set_password(const bytes *data) {
    object protocol, reference;
    const ASN1_OBJECT *oid = EAC_OBJ_nid2obj(ctx->pace_ctx->protocol);
    if (!find_object(data->b, data->b + data->n, 0x80, &protocol) || !find_object(data->b, data->b + data->n, 0x83, &reference)) return 0x6A80;
    if ((size_t)(protocol.end - protocol.value) != OBJ_length(oid) || memcmp(protocol.value, OBJ_get0_data(oid), OBJ_length(oid)) != 0) return 0x6A80;
    password_reference = reference.value[0];
    step_done = 0;
    return password_reference == 1 || password_reference == 2 ? 0x9000 : 0x6A88;
}

/* pace is one step of the protocol. */
static unsigned pace(const object *in, bytes *answer) {
    static const uint8_t sent[] = {0, 0x81, 0x83, 0x85}, wanted[] = {0x80, 0x82, 0x84, 0x86};
    static bytes out;
    BUF_MEM *value = in == NULL ? NULL : buffer(in->value, in->end - in->value);
    const char *password = passwords[password_reference];
    int step = step_done++;
    if (step > 3 || (in == NULL) != (step == 0) || (in != NULL && in->tag != sent[step])) return 0x6A80;
    out.n = 0;
    switch (step) {
    case 0:
        add_buffer(&out, PACE_STEP1_enc_nonce(ctx, PACE_SEC_new(password, strlen(password), password_reference)), "nonce");
        break;
    case 1:
        add_buffer(&out, PACE_STEP3A_generate_mapping_data(ctx), "mapping data");
        if (!PACE_STEP3A_map_generator(ctx, value)) return 0x6300;
        break;
    case 2:
        add_buffer(&out, PACE_STEP3B_generate_ephemeral_key(ctx), "ephemeral key");
        if (!PACE_STEP3B_compute_shared_secret(ctx, value) || !PACE_STEP3C_derive_keys(ctx)) return 0x6300;
        terminal_key = value;
        break;
    case 3:
        add_buffer(&out, PACE_STEP3D_compute_authentication_token(ctx, terminal_key), "token");
        if (PACE_STEP3D_verify_authentication_token(ctx, value) != 1) return 0x6300;
        next_keys = EAC_ID_PACE;
        opened = 1;
    }
    add_object(answer, wanted[step], out.b, out.n);
    return 0x9000;
}

/* agree is Chip Authentication, version 1: new keys from the static one. */
static unsigned agree(const object *theirs) {
    if (!chip_authentication_chosen || theirs == NULL) return 0x6A80;
    chip_authentication_chosen = 0;
    if (!CA_set_key(ctx, chip_secret, chip_secret_size, point.b, point.n)) die("the chip's own key");
    if (!CA_STEP4_compute_shared_secret(ctx, buffer(theirs->value, theirs->end - theirs->value)) || !KA_CTX_derive_keys(ctx->ca_ctx->ka_ctx, NULL, ctx->md_ctx)) return 0x6300;
    next_keys = EAC_ID_CA;
    return 0x9000;
}

static unsigned general_authenticate(const bytes *data, bytes *answer) {
    static bytes inner;
    object outer, in;
    unsigned sw;
    if (!next_object(data->b, data->b + data->n, &outer) || outer.tag != 0x7C) return 0x6A80;
    object *found = next_object(outer.value, outer.end, &in) ? &in : NULL;
    inner.n = 0;
    if (secure && found != NULL && in.tag != 0x80) return 0x6A80;
    sw = secure ? agree(found) : pace(found, &inner);
    if (sw == 0x9000) add_object(answer, 0x7C, inner.b, inner.n);
    return sw;
}

static unsigned read_binary(unsigned p1, unsigned p2, size_t le, bytes *answer) {
    size_t offset = p1 << 8 | p2;
    if (p1 & 0x80) {
        selected = p1 & 0x1F;
        offset = p2;
    }
    if (files[selected].n == 0) return 0x6A82;
    if (!opened && selected != 0x1C) return 0x6982;
    if (offset > files[selected].n) return 0x6B00;
    if (le > files[selected].n - offset) le = files[selected].n - offset;
    add(answer, files[selected].b + offset, le);
    return 0x9000;
}

static unsigned select_file(unsigned p1, const bytes *data) {
    if (p1 == 4) return data->n == 7 && opened ? 0x9000 : 0x6A82; /* the application */
    if (data->n != 2) return p1 == 0 && data->n == 0 ? 0x9000 : 0x6A82; /* the master file */
    if (data->b[0] == 0x3F) return 0x9000;
    selected = data->b[1] & 0x1F;
    return files[selected].n > 0 ? 0x9000 : 0x6A82;
}

/* manage answers MANAGE SECURITY ENVIRONMENT: for PACE, for Chip Authentication in
 * two commands and, as 3DES has it, in this one alone. */
static unsigned manage(unsigned p1, unsigned p2, const bytes *data) {
    object key;
    if (p1 == 0xC1 && p2 == 0xA4) return set_password(data);
    if (p1 != 0x41 || (p2 != 0xA4 && p2 != 0xA6) || chip_key == NULL || !opened) return 0x6A80;
    chip_authentication(ctx, &files[0x0E], &point);
    chip_authentication_chosen = 1;
    if (p2 == 0xA4) return 0x9000;
    return agree(find_object(data->b, data->b + data->n, 0x91, &key) ? &key : NULL);
}

static unsigned process(const uint8_t *header, const bytes *data, size_t le, bytes *answer) {
    switch (header[1]) {
    case 0x22: return manage(header[2], header[3], data);
    case 0x86: return general_authenticate(data, answer);
    case 0xA4: return select_file(header[2], data);
    case 0xB0: return read_binary(header[2], header[3], le, answer);
    }
    return 0x6D00;
}

/* fields takes an APDU apart; *le is 0 without Le. */
static int fields(const uint8_t *command, size_t n, bytes *data, size_t *le) {
    size_t at = 5, lc;
    data->n = *le = 0;
    if (n <= 4) return n == 4;
    if (n == 5) return *le = command[4] ? command[4] : 256, 1;
    if (command[4] == 0 && n >= 7) {
        lc = command[5] << 8 | command[6];
        if (n == 7) return *le = lc ? lc : 65536, 1;
        at = 7;
    } else {
        lc = command[4];
    }
    if (n < at + lc) return 0;
    add(data, command + at, lc);
    at += lc;
    if (n == at + 1) *le = command[at] ? command[at] : 256;
    else if (n == at + 2) *le = (command[at] << 8 | command[at + 1]) ? (size_t)(command[at] << 8 | command[at + 1]) : 65536;
    return 1;
}

/* unprotect replaces data and le by what is inside of secure messaging. */
static int unprotect(const uint8_t *header, bytes *data, size_t *le) {
    static bytes plain;
    const uint8_t *end = data->b + data->n;
    object code, sealed, expected;
    if (!EAC_increment_ssc(ctx)) die("counter");
    if (!find_object(data->b, end, 0x8E, &code) || !code_is_right(ctx, header, data->b, &code)) return 0;
    plain.n = *le = 0;
    if (find_object(data->b, end, 0x97, &expected)) {
        if (expected.end - expected.value == 1) *le = *expected.value ? *expected.value : 256;
        else *le = (expected.value[0] << 8 | expected.value[1]) ? (size_t)(expected.value[0] << 8 | expected.value[1]) : 65536;
    }
    if (find_object(data->b, end, 0x87, &sealed)) unseal(&plain, ctx, sealed.value + 1, sealed.end - sealed.value - 1);
    data->n = 0;
    add(data, plain.b, plain.n);
    return 1;
}

static void protect(const bytes *plain, unsigned sw, bytes *answer) {
    static bytes sealed;
    uint8_t status[] = {sw >> 8, sw & 0xFF};
    if (!EAC_increment_ssc(ctx)) die("counter");
    if (plain->n > 0) {
        sealed.n = 0;
        add1(&sealed, 1);
        seal(&sealed, ctx, plain->b, plain->n);
        add_object(answer, 0x87, sealed.b, sealed.n);
    }
    add_object(answer, 0x99, status, 2);
    add_code(answer, ctx, NULL, answer->b, answer->n);
}

static void answer_command(const uint8_t *command, size_t n, bytes *answer) {
    static bytes data, plain;
    size_t le;
    unsigned sw = 0x6700;
    int protected = n > 4 && (command[0] & 0x0C) == 0x0C;
    answer->n = plain.n = 0;
    if (fields(command, n, &data, &le)) {
        if (secure != protected || (protected && !unprotect(command, &data, &le))) {
            secure = opened = 0;
            sw = protected ? 0x6988 : 0x6982;
        } else {
            sw = process(command, &data, le, &plain);
            if (protected) protect(&plain, sw, answer);
            else add(answer, plain.b, plain.n);
        }
    }
    add1(answer, sw >> 8);
    add1(answer, sw & 0xFF);
    if (next_keys >= 0) {
        restart(ctx, next_keys);
        next_keys = -1;
        secure = 1;
    }
}

static void load_files(const char *directory) {
    char path[500];
    int number;
    for (number = 0; number < 32; number++) {
        snprintf(path, sizeof path, "%s/%02X", directory, number);
        FILE *f = fopen(path, "rb");
        if (f == NULL) continue;
        files[number].n = fread(files[number].b, 1, sizeof files[number].b, f);
        fclose(f);
    }
}

static int take(int reader, uint8_t *into, size_t n) {
    int now = 1; /* or each exchange waits 40 ms for an acknowledgement */
    setsockopt(reader, IPPROTO_TCP, TCP_QUICKACK, &now, sizeof now);
    return recv(reader, into, n, MSG_WAITALL) == (ssize_t)n;
}

static void give(int reader, const uint8_t *from, size_t n) {
    static bytes frame;
    frame.n = 0;
    add1(&frame, n >> 8);
    add1(&frame, n & 0xFF);
    add(&frame, from, n);
    if (send(reader, frame.b, frame.n, 0) != (ssize_t)frame.n) exit(0);
}

int main(int count, char **arguments) {
    static bytes answer;
    static uint8_t head[2], command[65536];
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int reader = socket(AF_INET, SOCK_STREAM, 0);
    if (count < 5) die("usage: card PORT DIRECTORY CAN MRZ [CHIPKEY]");
    load_files(arguments[2]);
    passwords[PACE_CAN] = arguments[3];
    passwords[PACE_MRZ] = arguments[4];
    if (count > 5) {
        chip_key = arguments[5];
        if (!OPENSSL_hexstr2buf_ex(chip_secret, sizeof chip_secret, &chip_secret_size, chip_key, 0)) die("CHIPKEY");
    }
    EAC_init();
    address.sin_port = htons(atoi(arguments[1]));
    if (connect(reader, (struct sockaddr *)&address, sizeof address) != 0) die("no reader");
    while (take(reader, head, 2)) {
        size_t n = head[0] << 8 | head[1];
        if (!take(reader, command, n)) break;
        if (n > 1) {
            answer_command(command, n, &answer);
            give(reader, answer.b, answer.n);
        } else if (command[0] == 4) {
            give(reader, files[0].b, files[0].n);
        } else {
            power_on();
        }
    }
    return 0;
}
