/* The calls of libnfc that mrtdreader makes, over PC/SC: preloaded, it gives the
 * program the card in the reader that CARD_READER names instead of an NFC device. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <winscard.h>

static SCARDHANDLE card;
static int some_device;

void nfc_init(void **context) { *context = &some_device; }
void nfc_exit(void *context) { (void)context; }
size_t nfc_list_devices(void *context, char names[][1024], size_t room) {
    (void)context;
    if (room > 0) strcpy(names[0], "reader");
    return room > 0;
}
const char *nfc_device_get_name(void *device) { return (void)device, "PC/SC"; }
int nfc_device_set_property_bool(void *device, int property, int enable) { return (void)device, (void)property, (void)enable, 0; }
int nfc_initiator_init(void *device) { return (void)device, 0; }
void nfc_perror(const void *device, const char *what) { (void)device, fprintf(stderr, "%s\n", what); }

void *nfc_open(void *nothing, const char *name) {
    SCARDCONTEXT context;
    SCARD_READERSTATE state = {.szReader = getenv("CARD_READER"), .dwCurrentState = SCARD_STATE_UNAWARE};
    DWORD protocol;
    int tries;
    (void)nothing, (void)name;
    if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context) != SCARD_S_SUCCESS) return NULL;
    for (tries = 0; tries < 20 && !(state.dwEventState & SCARD_STATE_PRESENT); tries++) {
        state.dwCurrentState = state.dwEventState;
        SCardGetStatusChange(context, 500, &state, 1);
    }
    return SCardConnect(context, state.szReader, SCARD_SHARE_EXCLUSIVE, SCARD_PROTOCOL_T1, &card, &protocol) == SCARD_S_SUCCESS ? &some_device : NULL;
}
void nfc_close(void *device) { (void)device, SCardDisconnect(card, SCARD_RESET_CARD); }

int nfc_initiator_select_passive_target(void *device, unsigned long long modulation, const uint8_t *data, size_t n, void *target) {
    (void)device, (void)modulation, (void)data, (void)n, (void)target;
    return 1;
}

int nfc_initiator_transceive_bytes(void *device, const uint8_t *command, size_t n, uint8_t *answer, size_t room, int timeout) {
    DWORD got = room;
    (void)device, (void)timeout;
    if (SCardTransmit(card, SCARD_PCI_T1, command, n, NULL, answer, &got) != SCARD_S_SUCCESS) return -1;
    return got;
}
